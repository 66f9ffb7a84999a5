package ledger

import (
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	federationv1 "hotline/api/federation/v1"
)

// role is in what capacity a city acts on a transfer.
type role int

const (
	origin role = iota + 1
	target
	caller      // who calls back, named in the offer
	coordinator // of the region
	concerned   // who takes part in the transfer
	anyone      // any member
)

const (
	none       = federationv1.State_STATE_UNSPECIFIED
	same       = federationv1.State_STATE_UNSPECIFIED // the act leaves the state as it is
	offered    = federationv1.State_OFFERED
	delivered  = federationv1.State_DELIVERED
	signed     = federationv1.State_SIGNED
	accepted   = federationv1.State_ACCEPTED
	declined   = federationv1.State_DECLINED
	disputed   = federationv1.State_DISPUTED
	designated = federationv1.State_DESIGNATED
	handling   = federationv1.State_HANDLING
	replied    = federationv1.State_REPLIED
	concluded  = federationv1.State_CONCLUDED
	calledBack = federationv1.State_CALLED_BACK
	withdrawn  = federationv1.State_WITHDRAWN
	expired    = federationv1.State_EXPIRED
)

// row is one line of a transfer's life: from where, by whom, to where.
type row struct {
	by   role
	from []federationv1.State
	to   federationv1.State
	more bool // may be repeated at will, hence counted
}

var (
	unanswered = []federationv1.State{offered, delivered, signed}
	working    = []federationv1.State{accepted, expired, designated, handling}
)

// acts is the life of a transfer. Where an act goes elsewhere than its row says, Ledger.next has the reason.
var acts = map[protoreflect.FieldNumber]row{
	kind.Offer:      {origin, []federationv1.State{none, declined}, offered, false},
	kind.Deliver:    {target, []federationv1.State{offered}, delivered, false},
	kind.Sign:       {target, []federationv1.State{offered, delivered}, signed, false},
	kind.Accept:     {target, unanswered, accepted, false},
	kind.Decline:    {target, unanswered, declined, false},
	kind.Dispute:    {concerned, []federationv1.State{declined, disputed}, disputed, true},
	kind.Designate:  {coordinator, []federationv1.State{disputed}, designated, false},
	kind.Handle:     {target, append(slices.Clone(working), replied), handling, true},
	kind.Reply:      {target, working, replied, false},
	kind.Conclude:   {target, []federationv1.State{replied}, concluded, false},
	kind.Callback:   {caller, []federationv1.State{concluded}, calledBack, false},
	kind.Withdraw:   {origin, append(slices.Clone(unanswered), declined, disputed), withdrawn, false},
	kind.Expire:     {anyone, unanswered, expired, false},
	kind.Supplement: {origin, append(slices.Concat(unanswered, working), replied, concluded), same, true},
}

// kind are the numbers of the acts on a transfer.
var kind = struct {
	Offer, Deliver, Sign, Accept, Decline, Dispute, Designate, Handle, Reply, Conclude, Callback, Withdraw, Expire, Supplement protoreflect.FieldNumber
}{16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30}

var actOneof = new(federationv1.Command).ProtoReflect().Descriptor().Oneofs().ByName("act")

// kindOf is the number of the act that is set.
func kindOf(c *federationv1.Command) protoreflect.FieldNumber {
	if f := c.ProtoReflect().WhichOneof(actOneof); f != nil {
		return f.Number()
	}
	return 0
}

// withTarget says that the target has the case. Otherwise the origin has it: there is no third and no both.
func withTarget(s federationv1.State) bool {
	switch s {
	case accepted, expired, designated, handling, replied, concluded, calledBack:
		return true
	}
	return false
}

// over says that nothing can follow.
func over(s federationv1.State) bool { return s == calledBack || s == withdrawn }
