package casework_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/event"
	"hotline/ent/outgoing"
	"hotline/ent/store/storetest"
	"hotline/ent/transfer"
	"hotline/ent/workorder"
	"hotline/tenants"
)

// Whatever state a person's act has left an order in, the ledger's next act finds a way in the flow: an act that has none is never
// taken, and nothing behind it is.

const (
	otherCity = "810000"
	thirdCity = "820000"
)

// told is one act of the ledger, as it is told to one side.
type told struct {
	name string
	side string // origin, target, was: the target before it
	e    casework.Told
}

// everyAct are all acts of the ledger, by everybody who may do them, as each side hears them.
func everyAct(me string) (all []told) {
	packet := &pb.Content{Packet: &pb.Packet{Facts: &pb.Facts{Kind: pb.Kind_HELP, Category: "01", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_CITY_TRANSFER,
		Title: "路灯不亮", Words: "路灯又坏了。", Body: "路灯又坏了。", Caller: &pb.Caller{Anonymous: true}}}}
	words := &pb.Content{Words: "夜间更暗。"}
	due := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)
	offer := func(to string) casework.Offer {
		return casework.Offer{Target: to, Callback: to, Mode: "cold", Urgency: "ordinary", Order: "110000202603020000000017", Basis: "属地管理", SignDue: due,
			AnswerDue: due, Started: due.AddDate(0, 0, -9), Consent: true}
	}
	to := func(city, back string) casework.Offer {
		return casework.Offer{Target: city, Callback: back, Basis: "规则第九条"}
	}
	add := func(name, side, act, city, state string, open casework.Offer, content *pb.Content) {
		all = append(all, told{name, side, casework.Told{Act: act, City: city, State: state, Open: open, Content: content}})
	}
	for side, target := range map[string]string{"origin": otherCity, "target": me} {
		origin := map[string]string{"origin": me, "target": otherCity}[side]
		add("offer", side, "offer", origin, "offered", offer(target), packet)
		add("deliver", side, "deliver", target, "delivered", casework.Offer{}, nil)
		add("sign", side, "sign", target, "signed", casework.Offer{}, nil)
		add("accept", side, "accept", target, "accepted", casework.Offer{}, nil)
		add("expire", side, "expire", origin, "expired", casework.Offer{}, nil)
		add("decline", side, "decline", target, "declined", casework.Offer{Basis: "属地管理", Reason: "not_our_place", Responsible: thirdCity}, words)
		add("last decline", side, "decline", target, "disputed", casework.Offer{Basis: "属地管理", Reason: "not_our_place", Responsible: thirdCity}, words)
		for _, city := range []string{origin, target} {
			add("dispute by "+city, side, "dispute", city, "disputed", casework.Offer{Basis: "首接负责制"}, nil)
		}
		add("handle", side, "handle", target, "handling", casework.Offer{}, words)
		add("reply", side, "reply", target, "replied", casework.Offer{}, &pb.Content{Answer: &pb.Answer{PublicAnswer: "已修好。", Conclusion: pb.Conclusion_SOLVED}})
		add("unreadable reply", side, "reply", target, "replied", casework.Offer{}, nil)
		add("conclude", side, "conclude", target, "concluded", casework.Offer{}, nil)
		for _, city := range []string{origin, target} {
			add("callback by "+city, side, "callback", city, "called_back", casework.Offer{}, nil)
			add("rework by "+city, side, "callback", city, "handling", casework.Offer{Rework: true}, nil)
			add("designate the target, callback by "+city, side, "designate", thirdCity, "designated", to(target, city), words)
			add("designate the origin, callback by "+city, map[string]string{"origin": "origin", "target": "was"}[side], "designate", thirdCity, "designated",
				to(origin, origin), words)
		}
		add("designate a third", map[string]string{"origin": "origin", "target": "was"}[side], "designate", thirdCity, "designated", to("830000", "830000"), words)
		add("offer to a third", map[string]string{"origin": "origin", "target": "was"}[side], "offer", origin, "offered", offer("830000"), nil)
		add("withdraw", side, "withdraw", origin, "withdrawn", casework.Offer{}, nil)
		add("words", side, "supplement", origin, "handling", casework.Offer{}, words)
		add("packet", side, "supplement", origin, "designated", casework.Offer{}, packet)
	}
	return all
}

// relayed puts the one order of a city into a state and lets the ledger say something about its transfer.
func relayed(t *testing.T, s *scene, o *ent.WorkOrder, id uuid.UUID, state casework.State, a told, callback, pending string) *ent.WorkOrder {
	t.Helper()
	db, me := s.town.Store.Ent, s.city
	origin, target := me, otherCity
	if a.side != "origin" {
		origin, target = otherCity, me
	}
	e := a.e
	e.Command, e.Region, e.Origin, e.Number, e.Sequence, e.At, e.Signed = uuid.Must(uuid.NewV7()), "jing-jin-ji", origin, map[string]int64{me: 1}[origin]+1, 10, s.now, []byte{1}
	err := s.town.Store.Do(s.as(tenants.System(me)), func(ctx context.Context) error {
		if _, err := db.Outgoing.Delete().Exec(ctx); err != nil {
			return err
		}
		if _, err := db.TransferAct.Delete().Exec(ctx); err != nil {
			return err
		}
		if _, err := db.Transfer.Delete().Exec(ctx); err != nil {
			return err
		}
		err := db.Transfer.Create().SetID(id).SetRegion(e.Region).SetOrigin(origin).SetNumber(e.Number).SetWorkOrderID(o.ID).SetTarget(target).SetState("handling").
			SetSequence(9).SetMode("cold").SetUrgency("ordinary").SetOrderNumber(o.Number).SetCallback(callback).SetPending(pending).SetConsent(true).
			SetSignDueAt(s.now).SetAnswerDueAt(s.now).SetStartedAt(s.now).SetChangedAt(s.now).SetCreatedAt(s.now).Exec(ctx)
		if err != nil {
			return err
		}
		if _, err := db.Clock.Delete().Where(clock.WorkOrderID(o.ID), clock.StopAtIsNil()).Exec(ctx); err != nil {
			return err
		}
		return db.WorkOrder.Update().Where(workorder.ID(o.ID)).SetState(string(state)).SetDisposition("cross_city").SetTransferID(id).Exec(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.c.Relay(s.as(tenants.System(me)), &e); err != nil {
		t.Errorf("%s, %s at the %s: %v", state, a.name, a.side, err)
		return nil
	}
	var after *ent.WorkOrder
	err = s.town.Store.View(s.as(tenants.System(me)), func(ctx context.Context) (err error) {
		after, err = db.WorkOrder.Get(ctx, o.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// outbox are the acts that the city has to say.
func outbox(t *testing.T, s *scene) (acts []string) {
	t.Helper()
	err := s.town.Store.View(s.as(tenants.System(s.city)), func(ctx context.Context) (err error) {
		acts, err = s.town.Store.Ent.Outgoing.Query().Order(ent.Asc(outgoing.FieldID)).Select(outgoing.FieldAct).Strings(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return acts
}

// theCase is a city with one order that has been answered, and its transfer's name.
func theCase(t *testing.T) (*scene, *ent.WorkOrder, uuid.UUID) {
	t.Helper()
	town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
	s := &scene{found(t, town, &tally{verbs: map[string]int{}, rows: map[string]int{}, refusals: map[string]int{}}), t, town.Casework}
	s.answered(s.dispatched(pb.Urgency_NORMAL, "A"))
	return s, s.files[0].order, uuid.Must(uuid.NewV7())
}

func TestEveryActOfTheLedgerFindsItsWayFromEveryStateOfAnOrder(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	work := []casework.State{casework.Received, casework.Dispatched, casework.Handling, casework.Replied, casework.Suspended, casework.Merged, casework.Concluded}
	n := 0
	for _, state := range everyState() {
		for _, a := range everyAct(s.city) {
			callback := s.city
			if n++; n%2 == 0 {
				callback = otherCity
			}
			after := relayed(t, s, o, id, state, a, callback, "")
			if after == nil {
				continue
			}
			now := casework.State(after.State)
			switch act := a.e; {
			case (act.Act == "accept" || act.Act == "expire" || act.Act == "designate" && act.Open.Target == s.city) && a.side == "target":
				if now == casework.Offered || now == casework.Declined || now == casework.Withdrawn {
					t.Errorf("%s, %s at the target: it has the case and is %s", state, a.name, now)
				}
				if sends := outbox(t, s); act.Act == "designate" && now.Ended() && !slices.Contains(sends, "conclude") {
					t.Errorf("%s, %s at the target: it ends for nobody, %v", state, a.name, sends)
				}
			case act.Act == "designate" && a.side == "was":
				if slices.Contains(work, now) || now == casework.Offered {
					t.Errorf("%s, %s at who was the target: it is %s still", state, a.name, now)
				}
			case act.Act == "designate" && act.Open.Target != s.city:
				if slices.Contains(work, now) || now == casework.Transferring {
					t.Errorf("%s, %s at the origin: it is %s", state, a.name, now)
				}
			case act.Act == "callback" && act.Open.Rework && act.City != s.city && a.side == "target":
				if now.Ended() && now != casework.Declined || now == casework.Concluded {
					t.Errorf("%s, %s at the target: nobody does it again, it is %s", state, a.name, now)
				}
			}
		}
	}
	t.Logf("%d acts", n)
}

// everyState are the states that the flow knows.
func everyState() (all []casework.State) {
	for s := range casework.StateTitles {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

func TestWhatTheCitizenAddsAfterTheOtherCityHasAnsweredIsInItsHistory(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	for _, state := range []casework.State{casework.Answered, casework.Redirected, casework.Closed, casework.Withdrawn} {
		words := told{"words", "target", casework.Told{Act: "supplement", City: otherCity, State: "concluded", Content: &pb.Content{Words: "夜间更暗。"}}}
		if after := relayed(t, s, o, id, state, words, otherCity, ""); after == nil || after.State != string(state) || newest(t, s, o).Summary != otherCity+"12345补充情况" {
			t.Errorf("%s: %v", state, after)
		}
	}
}

func newest(t *testing.T, s *scene, o *ent.WorkOrder) (line *ent.Event) {
	t.Helper()
	err := s.town.Store.View(s.as(tenants.System(s.city)), func(ctx context.Context) (err error) {
		line, err = s.town.Store.Ent.Event.Query().Where(event.WorkOrderID(o.ID)).Order(ent.Desc(event.FieldSeq)).First(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return line
}

func TestAWithdrawalThatADeclineOvertakesIsStillAWithdrawal(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	pending := func() (what string) {
		err := s.town.Store.View(s.as(tenants.System(s.city)), func(ctx context.Context) error {
			row, err := s.town.Store.Ent.Transfer.Query().Where(transfer.ID(id)).Only(ctx)
			what = row.Pending
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return what
	}
	for _, asked := range []string{"withdraw", "recall"} {
		for _, state := range []string{"declined", "disputed"} {
			decline := told{"decline", "origin", casework.Told{Act: "decline", City: otherCity, State: state, Open: casework.Offer{Basis: "属地管理"}}}
			if after := relayed(t, s, o, id, casework.Transferring, decline, otherCity, asked); after == nil || after.State != "transferring" || pending() != asked {
				t.Errorf("%s, %s: %v, %q is asked for", asked, state, after, pending())
			}
		}
	}
	// The coordinator was first: the citizen's word goes to whoever has the case now.
	designate := told{"designate", "origin", casework.Told{Act: "designate", City: thirdCity, State: "designated", Open: casework.Offer{Target: otherCity, Callback: otherCity, Basis: "规则"}}}
	if after := relayed(t, s, o, id, casework.Transferring, designate, otherCity, "withdraw"); after == nil || after.State != "transferred" {
		t.Fatalf("%v", after)
	}
	if sends := outbox(t, s); fmt.Sprint(sends) != "[supplement supplement]" {
		t.Errorf("the other city hears %v", sends)
	}
}

// clocksOf are the order's running clocks and when they are due.
func clocksOf(t *testing.T, s *scene, o *ent.WorkOrder) map[string]time.Time {
	t.Helper()
	out := map[string]time.Time{}
	err := s.town.Store.View(s.as(tenants.System(s.city)), func(ctx context.Context) error {
		rows, err := s.town.Store.Ent.Clock.Query().Where(clock.WorkOrderID(o.ID), clock.StopAtIsNil()).All(ctx)
		for _, c := range rows {
			out[c.Step] = c.DueAt
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnOfferOnItsWayRunsAClockAtHomeToWhenTheOtherCityMustHaveAnswered(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	due := s.now.Add(30 * time.Hour)
	offer := told{"offer", "origin", casework.Told{Act: "offer", City: s.city, State: "offered", Open: casework.Offer{Target: otherCity, Callback: otherCity,
		Mode: "cold", Urgency: "ordinary", Order: o.Number, Basis: "属地管理", SignDue: due, AnswerDue: due, Started: s.now}}}
	relayed(t, s, o, id, casework.Transferring, offer, otherCity, "offer")
	if got := clocksOf(t, s, o)[casework.ClockAway]; !got.Equal(due.Add(time.Hour)) {
		t.Errorf("it runs to %v, not %v: %v", got, due.Add(time.Hour), clocksOf(t, s, o))
	}
}

func TestOurCallbackMovesTheOrderWhenTheLedgerHasItAndIsOpenAgainWhenItHasNot(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	for rework, want := range map[bool]string{true: "transferred", false: "closed"} {
		callback := told{"callback", "origin", casework.Told{Act: "callback", City: s.city, State: "called_back", Open: casework.Offer{Rework: rework}}}
		if after := relayed(t, s, o, id, casework.Concluded, callback, s.city, "callback"); after == nil || after.State != want {
			t.Errorf("rework %v: %v", rework, after)
		}
	}
	// The coordinator was quicker: the ledger refuses, and somebody here looks again.
	relayed(t, s, o, id, casework.Concluded, told{"dispute", "origin", casework.Told{Act: "dispute", City: s.city, State: "concluded"}}, s.city, "callback")
	var row uuid.UUID
	err := s.town.Store.Do(s.as(tenants.System(s.city)), func(ctx context.Context) error {
		one, err := s.town.Store.Ent.Outgoing.Create().SetID(uuid.Must(uuid.NewV7())).SetRegion("jing-jin-ji").SetTransferID(id).SetAct("callback").SetCreatedAt(s.now).Save(ctx)
		row = one.ID
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.c.Refused(s.as(tenants.System(s.city)), row, "WRONG_STATE", "转办的当前状态不允许此操作"); err != nil {
		t.Fatal(err)
	}
	if _, waits := clocksOf(t, s, o)[casework.ClockCallback]; !waits {
		t.Error("nobody is asked to call back")
	}
	after := relayed(t, s, o, id, casework.Concluded, told{"designate", "origin", casework.Told{Act: "designate", City: thirdCity, State: "designated",
		Open: casework.Offer{Target: "830000", Callback: "830000", Basis: "规则"}}}, s.city, "")
	if after == nil || after.State != "transferred" {
		t.Errorf("%v", after)
	}
}

func TestAtTheEndOfTheYearTheLedgerIsFollowedThoughNoCalendarKnowsTheNext(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	s.now = time.Date(2037, 12, 30, 9, 0, 0, 0, time.UTC)
	conclude := told{"conclude", "origin", casework.Told{Act: "conclude", City: otherCity, State: "concluded"}}
	if after := relayed(t, s, o, id, casework.Transferred, conclude, s.city, ""); after == nil || after.State != "concluded" || clocksOf(t, s, o)[casework.ClockCallback].IsZero() {
		t.Errorf("%v, %v", after, clocksOf(t, s, o))
	}
}

func TestOfferedAgainTheCaseHasWhatWasAddedAndWhoTheCitizenIsOnlyByConsent(t *testing.T) {
	t.Parallel()
	s, o, id := theCase(t)
	due := s.now.Add(30 * time.Hour)
	again := func(caller *pb.Caller) *ent.WorkOrder {
		facts := &pb.Facts{Kind: pb.Kind_HELP, Category: "01", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_CITY_TRANSFER, Title: "路灯不亮，夜间更暗",
			Words: "又坏了。\n补充：夜间更暗。", Caller: caller}
		return relayed(t, s, o, id, casework.Declined, told{"offer", "target", casework.Told{Act: "offer", City: otherCity, State: "offered",
			Open:    casework.Offer{Target: s.city, Callback: s.city, Mode: "cold", Urgency: "ordinary", Order: "x", Basis: "属地管理", SignDue: due, AnswerDue: due, Started: s.now},
			Content: &pb.Content{Packet: &pb.Packet{Facts: facts}}}}, s.city, "")
	}
	named := again(&pb.Caller{Name: "王一", Phone: "13900000000"})
	if named == nil || named.State != "offered" || named.Title != "路灯不亮，夜间更暗" || named.Phone.Empty() || named.Anonymous {
		t.Fatalf("with consent: %v", named)
	}
	if nobody := again(&pb.Caller{Anonymous: true}); nobody == nil || !nobody.Anonymous || !nobody.Phone.Empty() {
		t.Errorf("without: %v", nobody)
	}
}

func TestADesignatedCityHasAnOrderWithAClockBeforeItsPacketComes(t *testing.T) {
	t.Parallel()
	s, _, _ := theCase(t)
	ctx := s.as(tenants.System(s.city))
	e := &casework.Told{Command: uuid.Must(uuid.NewV7()), Region: "jing-jin-ji", Origin: otherCity, Number: 77, Sequence: 9, Act: "designate", City: thirdCity, At: s.now,
		State: "designated", Signed: []byte{1}, Open: casework.Offer{Target: s.city, Callback: s.city, Basis: "规则第九条"},
		Last: casework.Offer{Target: "830000", Callback: "830000", Mode: "cold", Urgency: "ordinary", Order: "81000020260302000000017"}}
	if err := s.c.Relay(ctx, e); err != nil {
		t.Fatal(err)
	}
	made := func() (o *ent.WorkOrder) {
		err := s.town.Store.View(ctx, func(ctx context.Context) error {
			row, err := s.town.Store.Ent.Transfer.Query().Where(transfer.Number(77)).Only(ctx)
			if err != nil || row.WorkOrderID == nil {
				return err
			}
			o, err = s.town.Store.Ent.WorkOrder.Get(ctx, *row.WorkOrderID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := made()
	if o == nil || o.State != "received" || clocksOf(t, s, o)[casework.ClockDispatch].IsZero() {
		t.Fatalf("%v", o)
	}
	packet := *e
	packet.Sequence, packet.Act, packet.City, packet.Open = 10, "supplement", otherCity, casework.Offer{}
	packet.Content = &pb.Content{Packet: &pb.Packet{Facts: &pb.Facts{Kind: pb.Kind_HELP, Category: "01", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_CITY_TRANSFER,
		Title: "桥面破损", Words: "桥面破损。", Caller: &pb.Caller{Anonymous: true}}}}
	if err := s.c.Relay(ctx, &packet); err != nil {
		t.Fatal(err)
	}
	if now := made(); now.ID != o.ID || now.Title != "桥面破损" || now.Words.Empty() {
		t.Errorf("%v", now)
	}
}
