package play

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"google.golang.org/protobuf/proto"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/nation"
)

// Merge (归并) is one number on its way into a city's 12345.
type Merge struct {
	City, Number string
	Mode         listpb.Mode
	Unit         string // title
	Reach        Reach
}

// Reach is how far a number goes.
type Reach int

// The stages of a number's way.
const (
	Adopted Reach = iota // 确定归并方式
	Planned              // 方案在实施
	CutOver              // 已切换
)

// subCentres are the units that keep their number, which all cities have.
var subCentres = []Merge{{Number: "12366", Unit: "税务分中心"}, {Number: "12360", Unit: "海关分中心"}, {Number: "12313", Unit: "烟草分中心"},
	{Number: "12367", Unit: "移民分中心"}, {Number: "12305", Unit: "邮政分中心"}}

// others are numbers that the demo brings to different points.
var others = []Merge{
	{Number: "12358", Unit: "市场监管局", Mode: listpb.Mode_WHOLE_MERGE}, {Number: "12349", Unit: "民政局", Mode: listpb.Mode_WHOLE_MERGE},
	{Number: "12315", Unit: "市场监管局", Mode: listpb.Mode_DUAL_NUMBER}, {Number: "12333", Unit: "人社局", Mode: listpb.Mode_DUAL_NUMBER},
	{Number: "12319", Unit: "住建局", Mode: listpb.Mode_DUAL_NUMBER}, {Number: "12320", Unit: "卫健委", Mode: listpb.Mode_DUAL_NUMBER},
}

// Merges are what the demo nation has done with the list: the cities are at different points, as in life.
func Merges() (all []Merge) {
	for i, c := range nation.Cities() {
		for j, m := range others {
			m.City, m.Reach = c.Code, Reach((i+j)%3)
			all = append(all, m)
		}
		m := subCentres[i%len(subCentres)]
		m.City, m.Mode, m.Reach = c.Code, listpb.Mode_SUB_CENTER, CutOver
		all = append(all, m)
	}
	return all
}

// Merge walks a number as far as it is to go. What the city has begun is left as it is, so a second start does nothing twice.
func (s *Stage) Merge(ctx context.Context, m Merge) (*listpb.Number, error) {
	at := "/v1/tenants/" + m.City + "/numbers/" + m.Number
	admin, err := s.As(ctx, "city_admin."+m.City)
	if err != nil {
		return nil, err
	}
	n := new(listpb.Number)
	if err := admin.Do(ctx, http.MethodGet, at, nil, n); err != nil || n.GetMode() != 0 || n.GetTarget() != 0 {
		return n, err
	}
	w := &mergeWalk{s: s, ctx: ctx, m: m, at: at, n: n}
	w.do("city_admin", "", "adopt", &listpb.AdoptRequest{Mode: m.Mode, Unit: nation.UnitOf(m.City, m.Unit), Seats: 8, ExpertSeats: experts(n), Approvals: plan})
	if m.Reach >= Planned {
		w.prepare(m.Reach == CutOver)
	}
	if m.Reach == CutOver {
		w.do("city_admin", "", "cutOver", &listpb.CutOverRequest{})
	}
	return w.n, w.err
}

var plan = []*listpb.Paper{{Title: "热线归并工作方案", Reference: "试办发〔2026〕1号"}}

// mergeWalk is a number under way; the first error ends it.
type mergeWalk struct {
	s   *Stage
	ctx context.Context
	m   Merge
	at  string
	n   *listpb.Number
	err error
}

func (w *mergeWalk) do(role, below, verb string, in proto.Message) {
	if w.err != nil {
		return
	}
	p, err := w.s.As(w.ctx, role+"."+w.m.City)
	if err == nil {
		w.n, err = Post[listpb.Number](w.ctx, p, w.at+below+":"+verb, in)
	}
	if err != nil {
		w.err = fmt.Errorf("%s %s %s: %w", w.m.City, w.m.Number, verb, err)
	}
}

// prepare does the plan's steps: all of them before a cut-over, else the first few.
func (w *mergeWalk) prepare(whole bool) {
	start := time.Now().AddDate(0, -1, 0).Format(time.DateOnly)
	w.do("city_admin", "", "plan", &listpb.PlanRequest{StartDate: start, Owner: "热线办综合科"})
	w.do("city_admin", "", "prompt", &listpb.PromptRequest{Text: w.m.Number + "已并入12345，以后请直接拨打12345，现在为您转接。",
		UntilDate: time.Now().AddDate(0, 6, 0).Format(time.DateOnly)})
	w.do("city_admin", "", "route", &listpb.RouteRequest{Line: "8" + w.m.Number[2:], Skill: w.m.Unit})
	if w.err != nil {
		return
	}
	steps := w.n.GetSteps()
	if !whole {
		steps = steps[:4]
	} else {
		w.do("supervisor", "", "test", &listpb.TestRequest{Connected: true, Words: "三秒内接通，提示音清楚"})
		w.do("city_admin", "", "measure", &listpb.MeasureRequest{FromDate: "2026-01-01", ToDate: "2026-06-30", Calls: 9200, AnsweredPermille: 905,
			AnswerSeconds: 24, Source: "原热线话务报表"})
	}
	for _, st := range steps {
		if st.GetCode() == "cutover" || st.GetCode() == "aftercheck" {
			continue
		}
		w.do("city_admin", "/steps/"+st.GetCode(), "complete", &listpb.CompleteRequest{Evidence: "验收记录已归档", Papers: plan})
		if st.GetNeedsConfirmation() {
			w.do("supervisor", "/steps/"+st.GetCode(), "confirm", &listpb.ConfirmRequest{})
		}
	}
}

// Dial asks the city's dial plan where a call to the number goes now.
func (s *Stage) Dial(ctx context.Context, city, number string) (*listpb.Dial, error) {
	p, err := s.As(ctx, "agent."+city)
	if err != nil {
		return nil, err
	}
	d := new(listpb.Dial)
	err = p.Do(ctx, http.MethodGet, "/v1/tenants/"+city+"/dialPlan:resolve?number="+number, nil, d)
	if err == nil && len(d.GetLegs()) == 0 {
		err = errors.New("nobody answers " + number)
	}
	return d, err
}

// experts are the expert seats that the list asks for.
func experts(n *listpb.Number) int32 {
	if n.GetExpertListed() {
		return 2
	}
	return 0
}
