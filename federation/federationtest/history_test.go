package federationtest

import (
	"testing"

	"github.com/anishathalye/porcupine"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
)

// act is an operation between two moments with what was answered.
func act(from, to int64, who, kind string, sequence uint64, r ledger.Result) porcupine.Operation {
	o := operation{key: "case", origin: "110000", who: who, kind: kind, sequence: sequence}
	if kind == "offer" || kind == "designate" {
		o.target = "120000"
	}
	return porcupine.Operation{Input: o, Output: r, Call: from, Return: to}
}

func taken(sequence uint64, state federationv1.State) ledger.Result {
	return ledger.Result{Sequence: sequence, State: state}
}

func TestTheBookFindsTwoCustodiansAndLostActs(t *testing.T) {
	const offered, accepted, withdrawn, declined = federationv1.State_OFFERED, federationv1.State_ACCEPTED, federationv1.State_WITHDRAWN, federationv1.State_DECLINED
	offer := act(1, 2, "110000", "offer", 1, taken(1, offered))
	late := ledger.Result{Reason: federationv1.Reason_WRONG_SEQUENCE, Sequence: 2, State: accepted}
	for name, test := range map[string]struct {
		history []porcupine.Operation
		want    bool
	}{
		"accepted, the withdrawal refused": {[]porcupine.Operation{offer, act(3, 6, "120000", "accept", 2, taken(2, accepted)), act(3, 6, "110000", "withdraw", 2, late)}, true},
		"accepted and withdrawn":           {[]porcupine.Operation{offer, act(3, 6, "120000", "accept", 2, taken(2, accepted)), act(3, 6, "110000", "withdraw", 2, taken(2, withdrawn))}, false},
		"withdrawn after it was accepted":  {[]porcupine.Operation{offer, act(3, 4, "120000", "accept", 2, taken(2, accepted)), act(5, 6, "110000", "withdraw", 3, taken(3, withdrawn))}, false},
		"accepted by a third city":         {[]porcupine.Operation{offer, act(3, 4, "130000", "accept", 2, taken(2, accepted))}, false},
		"handled before it was accepted":   {[]porcupine.Operation{offer, act(3, 4, "120000", "handle", 2, taken(2, federationv1.State_HANDLING))}, false},
		"answered and then forgotten":      {[]porcupine.Operation{offer, act(3, 4, "120000", "decline", 2, taken(2, declined)), act(5, 6, "120000", "accept", 2, taken(2, accepted))}, false},
		"counted twice":                    {[]porcupine.Operation{offer, act(3, 4, "120000", "accept", 2, taken(2, accepted)), act(5, 6, "110000", "supplement", 4, taken(4, accepted))}, false},
		"answered twice, counted once":     {[]porcupine.Operation{offer, act(3, 4, "120000", "accept", 2, taken(2, accepted)), act(5, 6, "120000", "accept", 2, ledger.Result{Again: true, Sequence: 2, State: accepted})}, true},
		"refused for what came later":      {[]porcupine.Operation{offer, act(3, 4, "110000", "withdraw", 2, late), act(5, 6, "120000", "accept", 2, taken(2, accepted))}, false},
	} {
		if got := porcupine.CheckOperations(model, test.history); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
