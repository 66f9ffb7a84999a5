package policy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
	"hotline/tenants/record"
	"hotline/tenants/vault"
	"hotline/tenants/vault/lately"
)

const (
	beijing  = "110000"
	shanghai = "310000"
)

func in(code string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Login: "admin." + code, Tenant: code})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open makes a book of two new cities; time passes on it only when the test says so.
func open(t *testing.T, s *store.Store) *Book {
	t.Helper()
	m, _ := privacy.NewMaster()
	v := vault.New(s, m)
	b := New(s, v, record.New(s, v))
	now := time.Now()
	b.kept.Now = func() time.Time { return now }
	for _, code := range []string{beijing, shanghai} {
		must(t, s.Do(in(code), func(ctx context.Context) error {
			if err := s.Ent.City.Create().SetCode(code).SetTitle(code).Exec(ctx); err != nil {
				return err
			}
			if err := v.Create(ctx, privacy.AES); err != nil {
				return err
			}
			return b.Found(ctx, Default(), privacy.DefaultPolicy())
		}))
	}
	return b
}

func put(code string, base int32, change func(*tenantv1.Policy)) *tenantv1.PutPolicyRequest {
	p := Default()
	change(p)
	return &tenantv1.PutPolicyRequest{Name: "tenants/" + code + "/policy", Policy: p, BaseVersion: base, Reason: "年度调整"}
}

func contact2(p *tenantv1.Policy) { p.Contact = "2wd" }

func TestAChangeOfTheRulesIsANewVersionInForceAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		if f, err := b.InForce(in(beijing)); err != nil || f.Version != 1 || f.PrivacyVersion != 1 {
			t.Fatalf("a new city: %+v, %v", f, err)
		}
		got, err := b.PutPolicy(in(beijing), put(beijing, 1, contact2))
		must(t, err)
		if got.GetVersion() != 2 || got.GetAuthor() != "admin.110000" || got.GetReason() != "年度调整" {
			t.Errorf("written: %v", got)
		}
		f, err := b.InForce(in(beijing))
		must(t, err)
		if span, err := f.Span("contact", "help", "normal"); f.Version != 2 || err != nil || span.String() != "2wd" {
			t.Errorf("in force: version %d, contact %s, %v", f.Version, span, err)
		}
		old, err := b.GetPolicy(in(beijing), &tenantv1.GetPolicyRequest{Name: "tenants/110000/policy", Version: 1})
		if err != nil || !proto.Equal(old.GetPolicy(), Default()) {
			t.Errorf("version 1 is not what it was: %v, %v", old, err)
		}
		if _, err := b.GetPolicy(in(beijing), &tenantv1.GetPolicyRequest{Name: "tenants/110000/policy", Version: 9}); !errors.IsNotFound(err) {
			t.Errorf("a version that isn't there: %v", err)
		}
		if f, err := b.InForce(in(shanghai)); err != nil || f.Version != 1 {
			t.Errorf("Beijing's change reached Shanghai: %+v, %v", f, err)
		}
	})
}

func TestAnotherReplicaLearnsOfTheRulesWithinTwoSeconds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		there := New(s, b.vault, b.rec)
		now := time.Now()
		there.kept.Now = func() time.Time { return now }
		_, err := there.InForce(in(beijing))
		must(t, err)
		_, err = b.PutPolicy(in(beijing), put(beijing, 1, contact2))
		must(t, err)
		now = now.Add(lately.Age)
		if f, err := there.InForce(in(beijing)); err != nil || f.Version != 2 {
			t.Errorf("version %v, %v", f, err)
		}
	})
}

func TestTheSlowerOfTwoAdministratorsIsToldSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		done := make(chan error, 6)
		for range cap(done) {
			go func() {
				_, err := b.PutPolicy(in(beijing), put(beijing, 1, contact2))
				done <- err
			}()
		}
		won := 0
		for range cap(done) {
			switch err := <-done; {
			case err == nil:
				won++
			case errors.Reason(err) != "VERSION_CHANGED" || !strings.Contains(err.Error(), "第 2 版"):
				t.Errorf("the slower hears %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won on the same version", won)
		}
		if lines, err := b.rec.Verify(in(beijing)); err != nil || lines != 3 {
			t.Errorf("record of %d lines, %v", lines, err)
		}
	})
}

func TestAnotherCitysRulesDoNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		ctx := in(shanghai)
		_, get := b.GetPolicy(ctx, &tenantv1.GetPolicyRequest{Name: "tenants/110000/policy"})
		_, edit := b.PutPolicy(ctx, put(beijing, 1, contact2))
		_, getP := b.GetPrivacyPolicy(ctx, &tenantv1.GetPrivacyPolicyRequest{Name: "tenants/110000/privacyPolicy"})
		_, editP := b.PutPrivacyPolicy(ctx, &tenantv1.PutPrivacyPolicyRequest{Name: "tenants/110000/privacyPolicy"})
		_, rotate := b.RotateKeys(ctx, &tenantv1.RotateKeysRequest{Parent: "tenants/110000", Reason: "定期更换"})
		_, list := b.ListRecords(ctx, &tenantv1.ListRecordsRequest{Parent: "tenants/110000"})
		for name, err := range map[string]error{"get": get, "edit": edit, "get privacy": getP, "edit privacy": editP, "rotate": rotate, "list": list} {
			if !errors.IsNotFound(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		records, err := b.ListRecords(ctx, &tenantv1.ListRecordsRequest{Parent: "tenants/310000"})
		if err != nil || len(records.GetRecords()) != 2 {
			t.Errorf("Shanghai's record: %v, %v", records, err)
		}
	})
}

func TestRulesThatMakeNoSenseAreRefusedFieldByField(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*tenantv1.Policy)
		field  string
		says   string
	}{
		"没有派单时限":      {func(p *tenantv1.Policy) { p.Dispatch = nil }, "policy.dispatch", "必须填写"},
		"看不懂的时限":      {func(p *tenantv1.Policy) { p.Review = "明天" }, "policy.review", "时限写法不对"},
		"太长的时限":       {func(p *tenantv1.Policy) { p.Review = "99999wd" }, "policy.review", ""},
		"零分钟":         {func(p *tenantv1.Policy) { p.Dispatch.Critical = "0m" }, "policy.dispatch.critical", "不能为零"},
		"紧急的比一般的久":    {func(p *tenantv1.Policy) { p.Reply.Urgent = "30d" }, "policy.reply.normal", "不能短于"},
		"特急的比紧急的久":    {func(p *tenantv1.Policy) { p.Sign.Critical = "2h" }, "policy.sign.urgent", "不能短于"},
		"复杂的比一般的短":    {func(p *tenantv1.Policy) { p.Reply.Complex = "5wd" }, "policy.reply.complex", "不能短于"},
		"回访次数太少":      {func(p *tenantv1.Policy) { p.CallbackAttempts = 1 }, "policy.callback_attempts", "超出"},
		"没有这一天":       {days("2026-02-30"), "policy.days[0].date", ""},
		"日历还不知道的年份":   {days("2099-01-04"), "policy.days[0].date", ""},
		"同一天写了两次":     {days("2026-11-20", "2026-11-20"), "policy.days[1].date", "两次"},
		"没有名称的放假":     {func(p *tenantv1.Policy) { p.Days = []*tenantv1.CityDay{{Date: "2026-11-20"}} }, "policy.days[0].title", "太短"},
		"来源太长":        {func(p *tenantv1.Policy) { p.Source = strings.Repeat("长", 1001) }, "policy.source", "太长"},
		"限流太低会把自己锁在外": {func(p *tenantv1.Policy) { p.AccountRate = 0 }, "policy.account_rate", "超出"},
	} {
		t.Run(name, func(t *testing.T) {
			p := Default()
			c.change(p)
			err := Validate(p, "policy", calendar.National())
			md := errors.FromError(err).GetMetadata()
			says, ok := md["field."+c.field]
			if !errors.IsBadRequest(err) || errors.Reason(err) != "INVALID_ARGUMENT" || !ok || !strings.Contains(says, c.says) {
				t.Errorf("%v %v", err, md)
			}
		})
	}
}

func days(dates ...string) func(*tenantv1.Policy) {
	return func(p *tenantv1.Policy) {
		for _, d := range dates {
			p.Days = append(p.Days, &tenantv1.CityDay{Date: d, Title: "彝族年"})
		}
	}
}

func TestWhatIsRefusedLeavesNothingBehind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		bad := put(beijing, 1, func(p *tenantv1.Policy) { p.Contact = "soon" })
		if _, err := b.PutPolicy(in(beijing), bad); !errors.IsBadRequest(err) {
			t.Errorf("a bad policy: %v", err)
		}
		short := put(beijing, 1, contact2)
		short.Reason = ""
		if _, err := b.PutPolicy(in(beijing), short); errors.FromError(err).GetMetadata()["field.reason"] == "" {
			t.Errorf("a change without a reason: %v", err)
		}
		if _, err := b.PutPolicy(in(beijing), &tenantv1.PutPolicyRequest{Name: "tenants/110000/policy", BaseVersion: 1, Reason: "没有内容"}); !errors.IsBadRequest(err) {
			t.Errorf("no policy at all: %v", err)
		}
		if f, err := b.InForce(in(beijing)); err != nil || f.Version != 1 {
			t.Errorf("version %v, %v", f, err)
		}
		if lines, err := b.rec.Verify(in(beijing)); err != nil || lines != 2 {
			t.Errorf("record of %d lines, %v", lines, err)
		}
	})
}

func TestClocksByStepKindAndUrgency(t *testing.T) {
	f, err := inForce(Default(), calendar.National())
	must(t, err)
	for _, c := range []struct{ step, kind, urgency, want string }{
		{"dispatch", "help", "critical", "5m"}, {"dispatch", "help", "normal", "2h"},
		{"sign", "report", "urgent", "1h"}, {"sign", "report", "complex", "1wd"},
		{"contact", "consult", "critical", "1wd"},
		{"reply", "consult", "critical", "2h"}, // danger goes before the question
		{"reply", "consult", "urgent", "24h"},
		{"reply", "consult", "normal", "1wd"}, {"reply", "consult", "complex", "1wd"},
		{"reply", "complaint", "normal", "7wd"}, {"reply", "praise", "complex", "15wd"},
		{"review", "suggest", "normal", "1wd"}, {"callback", "help", "normal", "3wd"}, {"rework", "help", "urgent", "3wd"},
	} {
		if got, err := f.Span(c.step, c.kind, c.urgency); err != nil || got.String() != c.want {
			t.Errorf("%s %s %s: %s, %v; want %s", c.step, c.kind, c.urgency, got, err, c.want)
		}
	}
	for _, c := range [][3]string{{"lunch", "help", "normal"}, {"reply", "help", "soon"}, {"sign", "help", ""}} {
		if _, err := f.Span(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v has a span", c)
		}
	}
}

func TestACitysOwnDayOffMovesItsDueMoments(t *testing.T) {
	plain, err := inForce(Default(), calendar.National())
	must(t, err)
	p := Default()
	days("2026-11-20")(p)
	must(t, Validate(p, "policy", calendar.National()))
	own, err := inForce(p, calendar.National())
	must(t, err)
	start := time.Date(2026, 11, 19, 10, 0, 0, 0, calendar.Zone) // a Thursday
	span := calendar.Span{N: 1, Unit: calendar.WorkingDay}
	a, err := plain.Due(start, span)
	must(t, err)
	b, err := own.Due(start, span)
	must(t, err)
	if a.Location() != time.UTC || b.Sub(a) != 72*time.Hour { // from Friday's end to Monday's
		t.Errorf("due %s, with the own day %s", a, b)
	}
	if _, err := plain.Due(time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC), span); err == nil {
		t.Error("a due moment in a year that no notice covers")
	}
}

func TestThePrivacyMatrixIsVersionedAndItsFloorHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		name := "tenants/110000/privacyPolicy"
		got, err := b.GetPrivacyPolicy(in(beijing), &tenantv1.GetPrivacyPolicyRequest{Name: name})
		must(t, err)
		req := &tenantv1.PutPrivacyPolicyRequest{Name: name, Matrix: got.GetMatrix(), BaseVersion: 1, Reason: "重申"}
		put, err := b.PutPrivacyPolicy(in(beijing), req)
		if err != nil || put.GetVersion() != 2 || !proto.Equal(put.GetMatrix(), got.GetMatrix()) {
			t.Errorf("the same matrix again: %v, %v", put, err)
		}
		if _, err := b.PutPrivacyPolicy(in(beijing), req); errors.Reason(err) != "VERSION_CHANGED" {
			t.Errorf("on an old version: %v", err)
		}
		f, err := b.InForce(in(beijing))
		if err != nil || f.PrivacyVersion != 2 || f.Version != 1 {
			t.Errorf("in force: %+v, %v", f, err)
		}
		for why, matrix := range map[string]map[string]any{
			"nonsense":          {"roles": map[string]any{"nobody": "sees all"}},
			"a number in lists": {"sight": map[string]any{"agent": map[string]any{"list": map[string]any{"phone": "clear"}}}},
			"an auditor's look": {"sight": map[string]any{"auditor": map[string]any{"detail": map[string]any{"phone": "clear"}}}},
		} {
			loose, err := structpb.NewStruct(matrix)
			must(t, err)
			req = &tenantv1.PutPrivacyPolicyRequest{Name: name, Matrix: loose, BaseVersion: 2, Reason: "放宽"}
			if _, err := b.PutPrivacyPolicy(in(beijing), req); errors.FromError(err).GetMetadata()["field.matrix"] == "" {
				t.Errorf("%s: %v", why, err)
			}
		}
	})
}

func TestChangingKeysIsRecordedAndQueuesTheMove(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		moved := 0
		b.AfterRotate = func(ctx context.Context) error { store.Now(ctx); moved++; return nil }
		req := &tenantv1.RotateKeysRequest{Parent: "tenants/110000", Reason: "定期更换"}
		got, err := b.RotateKeys(in(beijing), req)
		if err != nil || got.GetGeneration() != 2 || moved != 1 {
			t.Fatalf("%v, %v, moved %d", got, err, moved)
		}
		b.AfterRotate = func(context.Context) error { return fmt.Errorf("queue is down") }
		if _, err := b.RotateKeys(in(beijing), req); err == nil {
			t.Error("keys changed although nobody will move the data")
		}
		if k, err := b.vault.Keyring(in(beijing)); err != nil || k.Current() != 2 {
			t.Errorf("keys %v, %v", k, err)
		}
		if _, err := b.rec.Verify(in(beijing)); err != nil {
			t.Errorf("the chain does not outlive a rotation: %v", err)
		}
	})
}

func TestTheRecordIsReadPageByPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		for i := range 5 {
			must(t, b.rec.Write(in(beijing), "unit.edit", fmt.Sprint(i)))
		}
		var seqs []int32
		req := &tenantv1.ListRecordsRequest{Parent: "tenants/110000", PageSize: 3}
		for {
			res, err := b.ListRecords(in(beijing), req)
			must(t, err)
			for _, l := range res.GetRecords() {
				seqs = append(seqs, l.GetSeq())
			}
			if req.PageToken = res.GetNextPageToken(); req.GetPageToken() == "" {
				break
			}
		}
		if !slices.Equal(seqs, []int32{7, 6, 5, 4, 3, 2, 1}) {
			t.Errorf("lines %v", seqs)
		}
		for _, token := range []string{"x", "-1", "0"} {
			_, err := b.ListRecords(in(beijing), &tenantv1.ListRecordsRequest{Parent: "tenants/110000", PageToken: token})
			if !errors.IsBadRequest(err) {
				t.Errorf("page token %q: %v", token, err)
			}
		}
	})
}

func TestACityWithoutRulesOfItsOwnLivesByTheDefaults(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		ctx := in("320100")
		f, err := b.InForce(ctx)
		if err != nil || f.Version != 0 || f.PrivacyVersion != 0 || !proto.Equal(f.Policy, Default()) {
			t.Errorf("%+v, %v", f, err)
		}
		p, err := b.GetPolicy(ctx, &tenantv1.GetPolicyRequest{Name: "tenants/320100/policy"})
		if err != nil || p.GetVersion() != 0 || p.GetPolicy() == nil {
			t.Errorf("%v, %v", p, err)
		}
		q, err := b.GetPrivacyPolicy(ctx, &tenantv1.GetPrivacyPolicyRequest{Name: "tenants/320100/privacyPolicy"})
		if err != nil || q.GetVersion() != 0 || len(q.GetMatrix().GetFields()) == 0 {
			t.Errorf("%v, %v", q, err)
		}
		if _, err := b.InForce(context.Background()); err == nil {
			t.Error("rules of no city")
		}
	})
}

// FuzzPolicy: whatever is sent, what Validate lets through can be put in force and gives every step of every request a due
// moment; nothing panics.
func FuzzPolicy(f *testing.F) {
	good, err := protojson.Marshal(Default())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"contact":"1wd","days":[{"date":"2026-11-20","title":"彝族年"}],"reply":{"critical":"0wd"}}`))
	f.Add([]byte(strings.Replace(string(good), "7wd", "9999d", 1)))
	f.Add([]byte(`{`))
	start := time.Date(2026, 3, 2, 9, 0, 0, 0, calendar.Zone)
	f.Fuzz(func(t *testing.T, text []byte) {
		p := &tenantv1.Policy{}
		if protojson.Unmarshal(text, p) != nil || Validate(p, "policy", calendar.National()) != nil {
			return
		}
		in, err := inForce(p, calendar.National())
		if err != nil {
			t.Fatalf("accepted but can't be put in force: %v", err)
		}
		for _, step := range []string{"dispatch", "sign", "contact", "reply", "review", "callback", "rework"} {
			for _, kind := range []string{"consult", "help"} {
				for _, u := range urgencies {
					span, err := in.Span(step, kind, u)
					if err != nil {
						t.Fatal(err)
					}
					if due, err := in.Due(start, span); err == nil && due.Before(start) {
						t.Fatalf("%s %s %s is due at %s, before it began", step, kind, u, due)
					}
				}
			}
		}
	})
}

// FuzzPrivacyMatrix: what is accepted is written in a form that is accepted again, unchanged.
func FuzzPrivacyMatrix(f *testing.F) {
	good, err := privacy.DefaultPolicy().MarshalJSON()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := privacy.ParsePolicy(text)
		if err != nil {
			return
		}
		once, err := p.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		again, err := privacy.ParsePolicy(once)
		if err != nil {
			t.Fatalf("what was written is refused: %v", err)
		}
		twice, err := again.MarshalJSON()
		if err != nil || string(once) != string(twice) {
			t.Fatalf("%s became %s, %v", once, twice, err)
		}
	})
}
