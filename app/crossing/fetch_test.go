package crossing_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/crossing"
	"hotline/app/house/housetest"
	"hotline/ent/attachment"
	"hotline/federation"
)

func TestAFileIsTakenFromWhoeverHasItAndNotFromWhoeverAnswersFirst(t *testing.T) {
	peers := []federation.Peer{{Name: "130100-1"}, {Name: "110000-1"}, {Name: "120000-1"}, {Name: "110000-2"}}
	var asked []string
	gives := map[string]string{"110000-1": "rubbish", "130100-1": "rubbish", "120000-1": "the file"}
	fits := func(b []byte) error {
		if string(b) != "the file" {
			return errors.New("rubbish")
		}
		return nil
	}
	get := func(p federation.Peer) ([]byte, error) {
		asked = append(asked, p.Name)
		if gives[p.Name] == "" {
			return nil, federation.ErrNoAnswer
		}
		return []byte(gives[p.Name]), nil
	}
	if err := crossing.FromOne(crossing.Nearest(peers, beijing), fits, get); err != nil {
		t.Fatal(err)
	}
	// The nodes of the city itself first: the others need not even hear of it.
	if want := []string{"110000-1", "110000-2", "130100-1", "120000-1"}; !slices.Equal(asked, want) {
		t.Error(asked)
	}
	delete(gives, "120000-1")
	if err := crossing.FromOne(peers, fits, get); !errors.Is(err, federation.ErrNoAnswer) {
		t.Error(err)
	}
}

func TestAFileIsGivenOnlyToTheCityThatHasTheCaseAndByTheNodeThatItAsksBy(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		w := s.taken(beijing)
		s.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: "照片", Content: pdf(1)})
		home := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there := s.coming(tianjin, home.GetNumber())
		source := ""
		err := town.Store.View(in(tianjin), func(ctx context.Context) (err error) {
			row, err := town.Store.Ent.Attachment.Query().Where(attachment.SourceNEQ("")).Only(ctx)
			if err == nil {
				source = row.Source
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		own := crossing.Wanted{City: tianjin, Region: region, Origin: beijing, Number: s.transfer(beijing, home.GetNumber()).GetNumber(), Source: source}
		asks := func(city string, change func(w *crossing.Wanted)) []byte {
			t.Helper()
			w := own
			w.City = city
			change(&w)
			question, err := town.Crossing.Question(in(city), w)
			if err != nil {
				t.Fatal(err)
			}
			return question
		}
		same := func(*crossing.Wanted) {}
		gives := func(by string, question []byte) bool {
			return town.Crossing.ServeFile(region, by, question) != nil
		}
		if !gives(node.Conf.Name, asks(tianjin, same)) {
			t.Fatal("the city that the case is offered to does not get its file")
		}
		for name, is := range map[string]bool{
			"another member":                    gives(node.Conf.Name, asks(shijiazhuang, same)),
			"a question that somebody kept":     gives("130100-1", asks(tianjin, same)),
			"a name that was forged":            gives(node.Conf.Name, bytes.Replace(asks(tianjin, same), []byte(`"signature":"`), []byte(`"signature":"AAAA`), 1)),
			"a file that nobody sent":           gives(node.Conf.Name, asks(tianjin, func(w *crossing.Wanted) { w.Source += "0" })),
			"another transfer":                  gives(node.Conf.Name, asks(tianjin, func(w *crossing.Wanted) { w.Number++ })),
			"bytes before the first":            gives(node.Conf.Name, asks(tianjin, func(w *crossing.Wanted) { w.From = -1 })),
			"a file of a city that is not here": gives(node.Conf.Name, asks(tianjin, func(w *crossing.Wanted) { w.Origin = "310000" })),
		} {
			if is {
				t.Errorf("%s is answered", name)
			}
		}
		s.as("dispatcher.120000", there.GetName(), "decline", declining(shijiazhuang))
		s.stands(beijing, home.GetNumber(), "declined")
		if gives(node.Conf.Name, asks(tianjin, same)) {
			t.Error("who declined a case gets its files")
		}
	})
}
