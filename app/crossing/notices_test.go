package crossing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/crossing"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house"
	"hotline/app/house/housetest"
	"hotline/ent/store/storetest"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/tenants"
)

// process is a deployment with a database of its own, which serves the places named.
type process struct {
	*housetest.Town
	places []string
	log    *book
	conf   crossing.Config
}

func openProcess(t *testing.T, url string, places ...string) *process {
	t.Helper()
	log := &book{}
	return &process{Town: housetest.OpenCities(t, url, log, places...), places: places, log: log}
}

// together gives processes one configuration of the nation's group, which the first one's place coordinates; the first two found it.
func together(t *testing.T, coordinator string, all ...*process) {
	t.Helper()
	ca, err := authority.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	first, err := all[0].Crossing.EnsureKeys(tenants.With(context.Background(), tenants.System(coordinator)))
	if err != nil {
		t.Fatal(err)
	}
	var voters []federation.Peer
	for _, p := range all {
		voters = append(voters, federation.Peer{Name: p.places[0] + "-1", Address: crossingtest.Free(t)})
	}
	for i, p := range all {
		cert, key, err := ca.Issue(voters[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		p.conf = crossing.Config{Name: voters[i].Name, Listen: voters[i].Address, Folder: t.TempDir(), CA: ca.CA(), Certificate: cert, Key: key,
			HeartbeatMs: 300, ElectionMs: 300, Regions: []crossing.RegionConfig{{Name: crossing.Nation, Voters: voters[:2], Coordinator: first, SegmentMiB: 4}}}
	}
}

func TestTheListReachesOtherDeploymentsOverTheNationsLedgerAlsoOneThatWasAway(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	centre := openProcess(t, storetest.PostgresURL(t), "000000")
	near, away := openProcess(t, storetest.SQLiteURL(t), "110000"), openProcess(t, storetest.SQLiteURL(t), "120000")
	if err := centre.Consolidation.FoundOffice(ctx, "sm"); err != nil { // the office, its key, and version 1
		t.Fatal(err)
	}
	together(t, "000000", centre, near, away)
	crossingtest.Found(t, []*house.House{centre.House, near.House}, []crossing.Config{centre.conf, near.conf})
	for city, p := range map[string]*process{"110000": near, "120000": away} {
		crossingtest.JoinCity(t, p.House, centre.House, crossing.Nation, "000000", city)
	}
	has := func(p *process, city string) int {
		l, err := p.Consolidation.GetList(admin(city), &listpb.GetListRequest{})
		if err != nil {
			return 0
		}
		return int(l.GetVersion())
	}
	eventually(t, "version 1 in 北京", func() bool { return has(near, "110000") == 1 })
	if has(away, "120000") != 0 {
		t.Fatal("天津 was not started and has the list")
	}
	crossingtest.Start(t, away.House, away.conf)
	eventually(t, "version 1 in 天津, which was away", func() bool { return has(away, "120000") == 1 })
	office := tenants.With(ctx, &tenants.Viewer{Account: uuid.New(), Login: "central_admin.000000", Tenant: "000000", Posts: []tenants.Post{{Role: tenants.CentralAdmin}}})
	eventually(t, "the centre to see that both have it", func() bool {
		res, err := centre.Consolidation.ListAcknowledgements(office, &listpb.ListAcknowledgementsRequest{Parent: "tenants/000000"})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]bool{}
		for _, a := range res.GetAcknowledgements() {
			got[a.GetCity()] = true
		}
		return got["110000"] && got["120000"]
	})
	asked, err := away.Consolidation.Ask(admin("120000"), &listpb.AskRequest{Parent: "tenants/120000", Title: "分中心的录音如何归集", Words: "分中心的录音是否一并归集到12345，请明确。"})
	if err != nil {
		t.Fatal(err)
	}
	var atCentre *listpb.Question
	eventually(t, "the question to come to the centre", func() bool {
		res, err := centre.Consolidation.ListQuestions(office, &listpb.ListQuestionsRequest{Parent: "tenants/000000"})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range res.GetQuestions() {
			if q.GetCity() == "120000" {
				atCentre = q
			}
		}
		return atCentre != nil
	})
	if _, err := centre.Consolidation.AnswerQuestion(office, &listpb.AnswerQuestionRequest{Name: atCentre.GetName(), Answer: "一并归集，保存期限按热线录音执行。", Publish: true}); err != nil {
		t.Fatal(err)
	}
	for city, p := range map[string]*process{"120000": away, "110000": near} { // who asked, and all others since it is published
		eventually(t, "the answer to come to "+city, func() bool {
			res, err := p.Consolidation.ListQuestions(admin(city), &listpb.ListQuestionsRequest{Parent: "tenants/" + city})
			if err != nil {
				t.Fatal(err)
			}
			for _, q := range res.GetQuestions() {
				if q.GetTitle() == asked.GetTitle() && q.GetAnswer() != "" && (city == "120000") == (q.GetCity() == "120000") {
					return true
				}
			}
			return false
		})
	}
}

// The office's key is replaced by an act that hangs on the board before the versions which the new key signs; one that was founded anew waits for
// each city's administrator.
func TestANewKeyOfTheOfficeGoesOverTheNationsBoard(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	centre := openProcess(t, storetest.SQLiteURL(t), office)
	near, away := openProcess(t, storetest.SQLiteURL(t), beijing), openProcess(t, storetest.PostgresURL(t), tianjin)
	if err := centre.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		t.Fatal(err)
	}
	together(t, office, centre, near, away)
	crossingtest.Found(t, []*house.House{centre.House, near.House}, []crossing.Config{centre.conf, near.conf})
	for city, p := range map[string]*process{beijing: near, tianjin: away} {
		crossingtest.JoinCity(t, p.House, centre.House, crossing.Nation, office, city)
	}
	one, two := above(tenants.CentralAdmin, office), above(tenants.CentralAdmin, office)
	tenants.From(two).Login = "central_admin2." + office
	c := centre.Consolidation
	rekey := func(lost bool) *consolidation.KeyAct {
		t.Helper()
		p, err := c.ProposeKey(one, &listpb.ProposeKeyRequest{Parent: "tenants/" + office, Suite: "aes", Lost: lost, Reason: "例行更换"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.ReplaceKey(two, &listpb.KeyProposalActRequest{Name: p.GetName()}); err != nil {
			t.Fatal(err)
		}
		acts, err := c.KeyActs(ctx)
		if err != nil {
			t.Fatal(err)
		}
		act, err := consolidation.VerifyKeyAct(acts[len(acts)-1])
		if err != nil {
			t.Fatal(err)
		}
		return act
	}
	publish := func(title string) {
		t.Helper()
		d, err := c.Draft(one, &listpb.DraftRequest{Parent: "tenants/" + office})
		if err != nil {
			t.Fatal(err)
		}
		act := &listpb.DraftActRequest{Name: d.GetName()}
		_, e1 := c.Edit(one, &listpb.EditRequest{Name: d.GetName(), Title: title, Basis: "国办函〔2026〕1号", EffectiveDate: d.GetList().GetEffectiveDate(), DeadlineDate: "2099-12-31"})
		_, e2 := c.Submit(one, act)
		_, e3 := c.Review(two, &listpb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"})
		_, e4 := c.Sign(one, act)
		_, e5 := c.Publish(one, act)
		if err := errors.Join(e1, e2, e3, e4, e5); err != nil {
			t.Fatal(err)
		}
	}
	title := func(p *process, city string) string {
		l, err := p.Consolidation.GetList(admin(city), &listpb.GetListRequest{})
		if err != nil {
			return ""
		}
		return l.GetTitle()
	}
	if err := centre.Crossing.Hang(tenants.With(ctx, tenants.System(office)), "list/2", []byte("hung there by a stolen node")); err != nil {
		t.Fatal(err)
	}
	rekey(false)
	publish("第二把密钥签署的清单")
	eventually(t, "the version of the second key", func() bool { return title(near, beijing) == "第二把密钥签署的清单" })
	act := rekey(true)
	publish("第三把密钥签署的清单")
	crossingtest.Start(t, away.House, away.conf) // it was away all the time, and meets the three keys and versions at once
	for city, p := range map[string]*process{beijing: near, tianjin: away} {
		eventually(t, "the third key to wait in "+city, func() bool {
			keys, err := p.Consolidation.ListKeys(admin(city), &listpb.ListKeysRequest{})
			return err == nil && len(keys.GetKeys()) == 3 && keys.GetKeys()[2].GetStanding() == "unconfirmed"
		})
		eventually(t, "its version to lie ready in "+city, func() bool { docs, err := p.Consolidation.Documents(ctx, 2); return err == nil && len(docs) == 1 })
		if got := title(p, city); got != "第二把密钥签署的清单" {
			t.Errorf("%s sees %s before it confirmed", city, got)
		}
	}
	if _, err := near.Consolidation.ConfirmKey(admin(beijing), &listpb.ConfirmKeyRequest{Parent: "tenants/" + beijing, Fingerprint: consolidation.Fingerprint(act.New)}); err != nil {
		t.Fatal(err)
	}
	if title(near, beijing) != "第三把密钥签署的清单" || title(away, tianjin) != "第二把密钥签署的清单" {
		t.Errorf("北京 sees %s, 天津 %s", title(near, beijing), title(away, tianjin))
	}
	eventually(t, "the centre to see who has yet to confirm", func() bool {
		keys, err := c.ListKeys(one, &listpb.ListKeysRequest{})
		return err == nil && slices.Equal(keys.GetKeys()[2].GetUnconfirmed(), []string{tianjin})
	})
}

func TestTheReportOfACityThatDidMuchGoesWithAsMuchEvidenceAsAPostHolds(t *testing.T) {
	t.Parallel()
	report := consolidation.Report{City: beijing, Title: "北京市"}
	digits := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		var steps []string
		for i := range 12 {
			var papers []string
			for range 3 {
				papers = append(papers, fmt.Sprintf(`{"title":"纪要","digest":"%016x%016x%016x%016x"}`, digits.Uint64(), digits.Uint64(), digits.Uint64(), digits.Uint64()))
			}
			steps = append(steps, fmt.Sprintf(`{"code":"s%d","title":"步骤%d","evidence":"验收记录%x","papers":[%s]}`, i, i, digits.Uint64(), strings.Join(papers, ",")))
		}
		row := consolidation.ReportedCell{Number: fmt.Sprint(96000 + n), Steps: 12, Done: 12, Evidence: 12}
		if err := json.Unmarshal([]byte("["+strings.Join(steps, ",")+"]"), &row.Plan); err != nil {
			t.Fatal(err)
		}
		report.Rows = append(report.Rows, row)
	}
	body, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	shorter, err := crossing.Fitting(body)
	if err != nil {
		t.Fatalf("a post does not hold it: %v", err)
	}
	var out consolidation.Report
	if err := json.Unmarshal(shorter, &out); err != nil || len(out.Rows) != 40 || len(out.Rows[0].Plan) != 12 || out.Rows[39].Done != 12 {
		t.Fatalf("%v: %d numbers", err, len(out.Rows))
	}
	if n := strings.Count(string(shorter), "纪要"); n == 0 || n == 1440 {
		t.Errorf("%d of 1440 papers are in it", n)
	}
}

// admin is the city's administrator.
func admin(city string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Account: uuid.New(), Login: "city_admin." + city, Tenant: city, Posts: []tenants.Post{{Role: tenants.CityAdmin}}})
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for begin := time.Now(); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Since(begin) > 40*time.Second {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
