package ledger

import (
	"bytes"
	"fmt"
	"testing"

	federationv1 "hotline/api/federation/v1"
)

func (r *region) posting(who, topic string, number uint64, body string) *federationv1.Command {
	return r.fill(who, &federationv1.Command{Act: &federationv1.Command_Post{Post: &federationv1.Post{Topic: topic, Number: number, Body: []byte(body)}}})
}

func TestTheNewestPostOfATopicHangsOnTheCitysBoardAndNoOtherCityTouchesIt(t *testing.T) {
	r := newRegion(t)
	r.take(r.posting(beijing, "list/1", 1, "version 1"))
	r.take(r.posting(tianjin, "list/1", 1, "not the office's"))
	r.take(r.posting(tianjin, "progress", 1, "a"))
	second := r.posting(tianjin, "progress", 2, "b")
	r.take(second)
	for name, c := range map[string]struct {
		command *federationv1.Command
		want    federationv1.Reason
	}{
		"an older number":      {r.posting(tianjin, "progress", 1, "old"), federationv1.Reason_WRONG_SEQUENCE},
		"a number too far":     {r.posting(tianjin, "progress", 4, "far"), federationv1.Reason_WRONG_SEQUENCE},
		"no topic":             {r.posting(tianjin, "", 1, "x"), federationv1.Reason_MALFORMED},
		"a wild topic":         {r.posting(tianjin, "../x y", 1, "x"), federationv1.Reason_MALFORMED},
		"nothing to take down": {r.posting(tianjin, "empty", 1, ""), federationv1.Reason_MALFORMED},
		"too much said":        {r.posting(tianjin, "long", 1, string(make([]byte, maxPost+1))), federationv1.Reason_MALFORMED},
		"a stranger":           {r.posting(shanghai, "progress", 1, "x"), federationv1.Reason_NOT_A_MEMBER},
	} {
		before := r.bytes()
		if got, err := r.ledger.Apply(r.sign(c.command), r.now); err != nil || got.Reason != c.want {
			t.Errorf("%s: %v, %v, want %v", name, got.Reason, err, c.want)
		}
		if !bytes.Equal(before, r.bytes()) {
			t.Errorf("%s changed the state", name)
		}
	}
	if got, err := r.ledger.Apply(r.sign(second), r.now); err != nil || !got.Again {
		t.Errorf("the same post once more: %v, %v", got, err)
	}
	posts := r.ledger.Posts("")
	if len(posts) != 3 || r.ledger.Posted(tianjin, "progress") != 2 || r.ledger.Posted(beijing, "progress") != 0 {
		t.Fatalf("the board: %v", posts)
	}
	c, refusal := r.ledger.Verify(posts[2].GetSigned())
	if refusal != nil || string(c.GetPost().GetBody()) != "b" || c.GetCity() != tianjin {
		t.Errorf("the newest post reads %v, %v", c, refusal)
	}
}

func TestABoardIsFullAtSomePointAndASnapshotKeepsIt(t *testing.T) {
	r := newRegion(t)
	for i := range maxPosts {
		r.take(r.posting(hebei, fmt.Sprintf("topic/%d", i), 1, "x"))
	}
	if got, err := r.ledger.Apply(r.sign(r.posting(hebei, "one-more", 1, "x")), r.now); err != nil || got.Reason != federationv1.Reason_BOARD_FULL {
		t.Errorf("one topic more: %v, %v", got, err)
	}
	r.take(r.posting(hebei, "topic/0", 2, "y")) // what hangs there may be replaced
	other, err := New(r.cities[beijing].genesis("jing-jin-ji"))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Restore(bytes.NewReader(r.bytes())); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(snapshotBytes(t, other), r.bytes()) || other.Posted(hebei, "topic/0") != 2 {
		t.Error("the board is another after a snapshot")
	}
}

func TestATopicThatIsTakenDownMakesRoomAndNothingThatHungThereComesBack(t *testing.T) {
	r := newRegion(t)
	var old [][]byte
	for n := range uint64(3) {
		old = append(old, r.sign(r.posting(tianjin, "letter", n+1, "x")))
		r.playBytes(old[n])
	}
	for n := 1; n < maxPosts; n++ {
		r.take(r.posting(tianjin, fmt.Sprintf("topic/%d", n), 1, "x"))
	}
	r.refuse(r.posting(tianjin, "one-more", 1, "x"), federationv1.Reason_BOARD_FULL)
	down := r.posting(tianjin, "letter", 4, "")
	r.refuse(r.posting(tianjin, "letter", 3, ""), federationv1.Reason_WRONG_SEQUENCE)
	r.take(down)
	if again := r.take(down); !again.Again || r.ledger.Posted(tianjin, "letter") != 0 || len(r.ledger.Posts("letter")) != 0 {
		t.Error("it hangs there: ", again)
	}
	for _, signed := range old {
		r.refuseBytes(signed, federationv1.Reason_WRONG_SEQUENCE)
	}
	if got := r.play(r.posting(tianjin, "one-more", 1, "x")); got.Reason != federationv1.Reason_WRONG_SEQUENCE || got.Sequence != 4 {
		t.Error("a new topic is told where to begin: ", got)
	}
	r.take(r.posting(tianjin, "one-more", 5, "x"))
	r.refuse(r.posting(tianjin, "letter", 5, "x"), federationv1.Reason_BOARD_FULL)
	if !bytes.Equal(snapshotBytes(t, newLike(t, r)), r.bytes()) {
		t.Error("the board is another after a snapshot")
	}
}

func TestLettersNeverTakeTheRoomOfTheNationalList(t *testing.T) {
	r := newRegion(t)
	for n := range mostPosts {
		r.take(r.posting(beijing, fmt.Sprintf("answer/%d", n), 1, "x"))
	}
	r.refuse(r.posting(beijing, "answer/more", 1, "x"), federationv1.Reason_BOARD_FULL)
	r.take(r.posting(beijing, "list/1", 1, "x"))
	r.take(r.posting(beijing, "list-key/2", 1, "x"))
}
