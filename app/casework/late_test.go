package casework_test

import (
	"testing"
	"time"

	"hotline/app/casework"
	"hotline/ent"
)

func TestATransferIsLateWhereSomebodyIsWaitedForAndTheMomentIsPast(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	past, coming := now.Add(-time.Minute), now.Add(time.Minute)
	for _, c := range []struct {
		state        string
		sign, answer *time.Time
		late         bool
	}{
		{"queued", nil, nil, false}, {"offered", &past, &coming, true}, {"delivered", &coming, &coming, false}, {"delivered", &past, &coming, true},
		{"signed", &past, &coming, false}, {"signed", &past, &past, true}, {"accepted", &past, &past, false}, {"disputed", &past, &past, false},
	} {
		if got := casework.Late(&ent.Transfer{State: c.state, SignDueAt: c.sign, AnswerDueAt: c.answer}, now); got != c.late {
			t.Errorf("%s, to be signed for by %v, answered by %v: late %t", c.state, c.sign, c.answer, got)
		}
	}
}
