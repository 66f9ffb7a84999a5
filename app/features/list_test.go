package features

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/proto"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/policy"
)

// merging is what a scenario of the national list knows.
type merging struct {
	t         testing.TB
	draft     *listpb.ListDraft
	number    *listpb.Number
	exception *listpb.Exception
	question  *listpb.Question
	proposal  *listpb.KeyProposal
	apart     map[string]*housetest.Town // processes with databases of their own
	offline   bool                       // 丙 is cut off: nothing reaches it
}

var modes = map[string]listpb.Mode{"整体并入": listpb.Mode_WHOLE_MERGE, "双号并行": listpb.Mode_DUAL_NUMBER, "设分中心": listpb.Mode_SUB_CENTER}

// asks sends one request of the person over HTTP; a refusal is kept for the next sentence.
func (w *world) asks(ctx context.Context, person, verb, path string, in, out proto.Message) error {
	login, city, _, err := loginOf(person)
	if err != nil {
		return err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return err
	}
	return w.note(p.Do(ctx, verb, strings.Replace(path, "{here}", "/v1/tenants/"+city, 1), in, out))
}

// The sentences of 归并清单.
func listSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^清单第1版共32条，整体并入13条、双号并行14条、设分中心5条，设专家座席5条$`, w.isAnnex)
	sc.Step(`^清单第(\d+)版的摘要任何人都能核对签名$`, w.verifies)
	sc.Step(`^(\S+)起草下一版清单，把(\d+)改为“(.+)”$`, w.beginsList)
	sc.Step(`^草案与上一版的差别里有“(.+)”$`, w.differs)
	sc.Step(`^(\S+)把草案送审$`, func(ctx context.Context, who string) error {
		return w.onDraft(ctx, who, "submit", &listpb.DraftActRequest{})
	})
	sc.Step(`^(\S+)审核通过草案$`, func(ctx context.Context, who string) error {
		return w.onDraft(ctx, who, "review", &listpb.ReviewDraftRequest{Pass: true, Words: "同意"})
	})
	sc.Step(`^(\S+)签署草案$`, func(ctx context.Context, who string) error {
		return w.onDraft(ctx, who, "sign", &listpb.DraftActRequest{})
	})
	sc.Step(`^(\S+)撤销草案$`, func(ctx context.Context, who string) error {
		return w.onDraft(ctx, who, "drop", &listpb.DraftActRequest{})
	})
	sc.Step(`^(\S+)发布草案$`, func(ctx context.Context, who string) error {
		return w.asks(ctx, who, http.MethodPost, "/v1/"+w.merging.draft.GetName()+":publish", &listpb.DraftActRequest{}, new(listpb.List))
	})
	sc.Step(`^(\S+)、(\S+)、(\S+)看到的清单里(\d+)是“(.+)”$`, w.citiesSee)
	sc.Step(`^(\S+)的(\d+)落后于清单$`, w.isBehind)
	sc.Step(`^(\S+)签收清单$`, func(ctx context.Context, who string) error {
		return w.asks(ctx, who, http.MethodPost, "{here}/consolidationList:acknowledge", &listpb.AcknowledgeRequest{Version: 2}, nil)
	})
	sc.Step(`^第二版签收了的有(\S+)，还没有的有(\S+)$`, w.acknowledged)
	sc.Step(`^有甲、乙、丙三个各自独立的平台，甲是国务院办公厅的$`, w.setApart)
	sc.Step(`^(甲|丙)发布第1版$`, func(ctx context.Context, who string) error {
		return w.merging.apart[who].Consolidation.FoundOffice(ctx, "sm")
	})
	sc.Step(`^(甲|丙)发布第(\d+)版，把(\d+)改为“双号并行”$`, w.publishesApart)
	sc.Step(`^第(\d+)版送到(乙|丙)$`, func(ctx context.Context, n int, to string) error { return w.hands(ctx, "甲", to, n, "", "") })
	sc.Step(`^直接把第(\d+)版送到(乙|丙)$`, func(ctx context.Context, n int, to string) error { return w.hands(ctx, "甲", to, n, "", "") })
	sc.Step(`^第1版送到乙、丙$`, func(ctx context.Context) error {
		return errors.Join(w.hands(ctx, "甲", "乙", 1, "", ""), w.hands(ctx, "甲", "丙", 1, "", ""))
	})
	sc.Step(`^有人把第(\d+)版里的“(.+)”改成“(.+)”后送到(乙|丙)$`, func(ctx context.Context, n int, was, now, to string) error {
		return w.hands(ctx, "甲", to, n, was, now)
	})
	sc.Step(`^有人把丙的第(\d+)版送到乙$`, func(ctx context.Context, n int) error { return w.hands(ctx, "丙", "乙", n, "", "") })
	sc.Step(`^丙自称国务院办公厅，发布自己的第1版和第2版$`, func(ctx context.Context) error {
		if err := w.merging.apart["丙"].Consolidation.FoundOffice(ctx, "aes"); err != nil {
			return err
		}
		return w.publishesApart(ctx, "丙", 2, "12366")
	})
	sc.Step(`^丙断网$`, func() { w.merging.offline = true })
	sc.Step(`^丙恢复联网，补收清单$`, w.catchesUp)
	sc.Step(`^乙现行的是第(\d+)版，丙现行的是第(\d+)版，丙的32条照常可看$`, w.have)
	sc.Step(`^甲看到丙的城市只签收到第(\d+)版$`, w.leftBehind)
}

func (w *world) listAt(ctx context.Context, person string, version int) (*listpb.List, error) {
	out := new(listpb.List)
	err := w.asks(ctx, person, http.MethodGet, fmt.Sprintf("/v1/consolidationList?version=%d", version), nil, out)
	return out, err
}

func (w *world) isAnnex(ctx context.Context) error {
	list, err := w.listAt(ctx, "北京的话务员", 1)
	if err != nil {
		return err
	}
	by := map[listpb.Mode]int{}
	experts := 0
	for _, e := range list.GetEntries() {
		by[e.GetMode()]++
		if e.GetExpertSeats() {
			experts++
		}
	}
	return exactly(fmt.Sprint(len(list.GetEntries()), by[listpb.Mode_WHOLE_MERGE], by[listpb.Mode_DUAL_NUMBER], by[listpb.Mode_SUB_CENTER], experts), "32 13 14 5 5")
}

func (w *world) verifies(ctx context.Context, version int) error {
	doc := new(listpb.Document)
	if err := w.town.Stage.Nobody().Do(ctx, http.MethodGet, fmt.Sprintf("/v1/consolidationList:document?version=%d", version), nil, doc); err != nil {
		return err
	}
	d, err := consolidation.Verify(doc.GetContent(), doc.GetKey())
	if err != nil {
		return err
	}
	return exactly(d.Digest(), doc.GetDigest())
}

func (w *world) beginsList(ctx context.Context, who, number, mode string) error {
	w.merging.draft = new(listpb.ListDraft)
	if err := w.asks(ctx, who, http.MethodPost, "{here}/listDrafts:draft", &listpb.DraftRequest{}, w.merging.draft); err != nil || w.refused != nil {
		return err
	}
	return w.onDraft(ctx, who, "edit", editOf(w.merging.draft, number, mode))
}

// editOf puts one entry under another mode, at the end of it.
func editOf(d *listpb.ListDraft, number, mode string) *listpb.EditRequest {
	e := &listpb.Entry{Number: number, Title: "某热线", Authority: "某部委", Mode: modes[mode], Seq: 99}
	for _, old := range d.GetList().GetEntries() {
		if old.GetNumber() == number {
			e.Title, e.Authority, e.ExpertSeats = old.GetTitle(), old.GetAuthority(), old.GetExpertSeats()
		}
		if old.GetMode() == e.GetMode() && e.GetSeq() == 99 {
			e.Seq = 98
		}
	}
	return &listpb.EditRequest{Title: d.GetList().GetTitle(), Basis: "国办函〔2026〕1号", EffectiveDate: time.Now().In(zone).Format(time.DateOnly),
		DeadlineDate: "2099-12-31", Entries: []*listpb.Entry{e}}
}

var zone = time.FixedZone("", 8*60*60)

func (w *world) onDraft(ctx context.Context, who, verb string, in proto.Message) error {
	out := new(listpb.ListDraft)
	err := w.asks(ctx, who, http.MethodPost, "/v1/"+w.merging.draft.GetName()+":"+verb, in, out)
	if err == nil && w.refused == nil {
		w.merging.draft = out
	}
	return err
}

func (w *world) differs(words string) error {
	var said []string
	for _, c := range w.merging.draft.GetChanges() {
		said = append(said, c.GetSummary())
	}
	return want(strings.Join(said, "；"), words)
}

func (w *world) citiesSee(ctx context.Context, a, b, c, number, mode string) error {
	for _, city := range []string{a, b, c} {
		list, err := w.listAt(ctx, city+"的城市管理员", 0)
		if err != nil {
			return err
		}
		for _, e := range list.GetEntries() {
			if e.GetNumber() == number && e.GetMode() != modes[mode] {
				return fmt.Errorf("%s看到的是%s", city, e.GetMode())
			}
		}
		if list.GetVersion() < 2 {
			return fmt.Errorf("%s还在第%d版", city, list.GetVersion())
		}
	}
	return nil
}

func (w *world) isBehind(ctx context.Context, city, number string) error {
	n := new(listpb.Number)
	if err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/numbers/"+number, nil, n); err != nil {
		return err
	}
	if !n.GetBehind() {
		return fmt.Errorf("清单是%s，本地是%s，没有标为落后", n.GetBaseline(), n.GetMode())
	}
	return nil
}

func (w *world) acknowledged(ctx context.Context, done, open string) error {
	res := new(listpb.ListAcknowledgementsResponse)
	if err := w.asks(ctx, "国办的国办管理员", http.MethodGet, "{here}/acknowledgements", nil, res); err != nil {
		return err
	}
	by := map[string]bool{}
	for _, a := range res.GetAcknowledgements() {
		by[a.GetCity()] = a.GetAcknowledgeTime() != nil
	}
	if !by[cityCodes[done]] || by[cityCodes[open]] || len(by) != 12 {
		return fmt.Errorf("国办看到的是%v", by)
	}
	return nil
}

func (w *world) setApart() error {
	w.merging.apart = map[string]*housetest.Town{}
	for _, who := range []string{"甲", "乙", "丙"} {
		w.merging.apart[who] = housetest.OpenBare(w.merging.t, storetest.SQLiteURL(w.merging.t), io.Discard)
	}
	far := w.merging.apart["丙"]
	return nation.FoundCity(context.Background(), nation.Deps{Store: far.Store, Vault: far.Vault, Book: far.Book, Directory: far.Directory},
		nation.City{Code: farCity, Title: "远方市", Suite: "aes"}, policy.Default())
}

// farCity is one that only 丙 serves.
const farCity = "650100"

// publishesApart walks a version through the office of a process.
func (w *world) publishesApart(ctx context.Context, who string, _ int, number string) error {
	c := w.merging.apart[who].Consolidation
	person := func(login string) context.Context {
		return tenants.With(ctx, &tenants.Viewer{Login: login, Tenant: consolidation.Office, Posts: []tenants.Post{{Role: tenants.CentralAdmin}}})
	}
	one, two := person("central_admin.000000"), person("central_admin2.000000")
	d, err := c.Draft(one, &listpb.DraftRequest{Parent: "tenants/" + consolidation.Office})
	if err != nil {
		return err
	}
	edit := editOf(d, number, "双号并行")
	edit.Name, edit.Entries[0].Seq = d.GetName(), int32(100+len(number)+int(number[3])*10+int(number[4]))
	act := &listpb.DraftActRequest{Name: d.GetName()}
	_, e1 := c.Edit(one, edit)
	_, e2 := c.Submit(one, act)
	_, e3 := c.Review(two, &listpb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"})
	_, e4 := c.Sign(one, act)
	_, e5 := c.Publish(one, act)
	return errors.Join(e1, e2, e3, e4, e5)
}

// hands carries a signed document from one process to another, changed on the way where was is given.
func (w *world) hands(ctx context.Context, from, to string, version int, was, now string) error {
	if to == "丙" && w.merging.offline {
		return errors.New("丙断网，送不到")
	}
	docs, err := w.merging.apart[from].Consolidation.Documents(ctx, version-1)
	if err != nil {
		return err
	}
	doc := docs[0]
	if was != "" {
		doc = []byte(strings.ReplaceAll(string(doc), was, now))
	}
	return w.note(w.merging.apart[to].Consolidation.Receive(ctx, doc))
}

func (w *world) catchesUp(ctx context.Context) error {
	w.merging.offline = false
	has, err := w.merging.apart["丙"].Consolidation.Documents(ctx, 0)
	if err != nil {
		return err
	}
	docs, err := w.merging.apart["甲"].Consolidation.Documents(ctx, len(has))
	for _, doc := range docs {
		err = errors.Join(err, w.merging.apart["丙"].Consolidation.Receive(ctx, doc))
	}
	return err
}

func (w *world) have(ctx context.Context, near, far int) error {
	for who, version := range map[string]int{"乙": near, "丙": far} {
		list, err := w.merging.apart[who].Consolidation.GetList(ctx, &listpb.GetListRequest{})
		if err != nil {
			return err
		}
		if int(list.GetVersion()) != version || len(list.GetEntries()) != 32 {
			return fmt.Errorf("%s现行的是第%d版，%d条", who, list.GetVersion(), len(list.GetEntries()))
		}
	}
	return nil
}

func (w *world) leftBehind(ctx context.Context, version int) error {
	reports, err := w.merging.apart["丙"].Consolidation.Reports(ctx, farCity, nil)
	if err != nil {
		return err
	}
	centre := w.merging.apart["甲"].Consolidation
	if err := centre.TakeReport(ctx, farCity, consolidation.Office, reports[consolidation.Office]); err != nil {
		return err
	}
	person := tenants.With(ctx, &tenants.Viewer{Login: "central_admin.000000", Tenant: consolidation.Office, Posts: []tenants.Post{{Role: tenants.CentralAdmin}}})
	for v, there := range map[int]bool{version: true, version + 1: false} {
		res, err := centre.ListAcknowledgements(person, &listpb.ListAcknowledgementsRequest{Parent: "tenants/" + consolidation.Office, Version: int32(v)})
		if err != nil {
			return err
		}
		if slices.Contains(res.GetMissing(), farCity) == there {
			return fmt.Errorf("甲看到第%d版没有收到的是%v", v, res.GetMissing())
		}
	}
	return nil
}
