package features

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "hotline/api/casework/v1"
	reportpb "hotline/api/report/v1"
	"hotline/app/casework"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// world is what one scenario knows: the order it is about, its papers, and the last answer.
type world struct {
	town    *housetest.Town
	now     time.Time // set: the scenario plays at this moment instead of today
	facts   *pb.Facts
	city    string
	order   *pb.WorkOrder
	code    string
	say     string
	refused *play.Refusal
	link    string // token of the rating link
	answers []string
	found   *pb.Petition
	viewers *pb.ListViewersResponse
	file    *pb.AttachmentContent // the attachment opened last
	list    *pb.ListWorkOrdersResponse
	kept    map[string]paper
	hints   *pb.HintResponse
	check   *pb.CheckReplyResponse
	merging merging            // what a scenario of the national list knows
	node    *crossingtest.Node // of the region that the cities are in
	there   *pb.WorkOrder      // what another city has of the order
	consent bool               // the citizen agreed that the other city learns who they are
}

// paper is an order that a scenario calls by a name, to come back to it.
type paper struct {
	order *pb.WorkOrder
	code  string
}

var cityCodes = map[string]string{"北京": "110000", "天津": "120000", "上海": "310000", "合肥": "340100",
	"石家庄": "130100", "京津冀协调中心": "100001", "南京": "320100", "国办": "000000", "江苏省": "100032", "市场监管总局": "100101"}

// login of a person as the sentences name them: 北京的话务员, 北京城管局的承办人.
func loginOf(person string) (login, city string, post tenants.Post, err error) {
	where, title, ok := strings.Cut(person, "的")
	for name, code := range cityCodes {
		unit, here := strings.CutPrefix(where, name)
		if !here || !ok {
			continue
		}
		plain, second := strings.CutSuffix(title, "乙")
		for role, roleTitle := range tenants.Titles {
			if roleTitle != plain {
				continue
			}
			login = string(role)
			if second {
				login += "2"
			}
			post = tenants.Post{Role: role}
			if unit != "" {
				post.Unit = nation.UnitOf(code, unit)
				login = map[tenants.Role]string{tenants.UnitLead: "lead."}[role] + strings.ToLower(post.Unit)
			}
			return login + "." + code, code, post, nil
		}
	}
	return "", "", post, fmt.Errorf("不认识“%s”", person)
}

// at is the context of a person at the scenario's own moment. The moment can't be given over HTTP, so scenarios that name one
// speak to the same service behind the gate, as the same viewer the gate would have found.
func (w *world) at(ctx context.Context, person string) (context.Context, error) {
	login, city, post, err := loginOf(person)
	v := &tenants.Viewer{Account: uuid.New(), Login: login, Tenant: city, Posts: []tenants.Post{post}}
	return tenants.With(store.At(ctx, w.now), v), err
}

// note keeps a refusal for the next sentence; any other error is a fault.
func (w *world) note(err error) error {
	w.refused = nil
	if err == nil {
		return nil
	}
	if errors.As(err, &w.refused) {
		return nil
	}
	if errors.Is(err, casework.ErrProof) { // what the citizen's door makes a sentence of
		w.refused = &play.Refusal{Code: http.StatusNotFound, Message: "号码或查询码不对"}
		return nil
	}
	if e := new(kratos.Error); errors.As(err, &e) {
		w.refused = &play.Refusal{Code: int(e.Code), Reason: e.Reason, Message: e.Message}
		return nil
	}
	return err
}

// act lets the person do one verb on the scenario's order.
func (w *world) act(ctx context.Context, person, verb string, in proto.Message) error {
	out, err := w.do(ctx, person, verb, in)
	if err == nil {
		w.order = out
	}
	return w.note(err)
}

func (w *world) do(ctx context.Context, person, verb string, in proto.Message) (*pb.WorkOrder, error) {
	return send[pb.WorkOrder](ctx, w, person, verb, in)
}

// send is one verb of the person on the scenario's order, over HTTP or at the scenario's own moment.
func send[T any, P interface {
	*T
	proto.Message
}](ctx context.Context, w *world, person, verb string, in proto.Message) (P, error) {
	if !w.now.IsZero() {
		ctx, err := w.at(ctx, person)
		if err != nil {
			return nil, err
		}
		return direct[T, P](ctx, w.town.Casework, verb, w.order.GetName(), in)
	}
	login, _, _, err := loginOf(person)
	if err != nil {
		return nil, err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return nil, err
	}
	return play.Post[T, P](ctx, p, "/v1/"+w.order.GetName()+":"+verb, in)
}

// direct calls the method that the route would have led to.
func direct[T any, P interface {
	*T
	proto.Message
}](ctx context.Context, room *casework.Service, verb, name string, in proto.Message) (P, error) {
	m := in.ProtoReflect()
	m.Set(m.Descriptor().Fields().ByName("name"), protoreflect.ValueOfString(name))
	method := reflect.ValueOf(room).MethodByName(strings.ToUpper(verb[:1]) + verb[1:])
	if !method.IsValid() {
		return nil, fmt.Errorf("no way to %s at a given moment", verb)
	}
	out := method.Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in)})
	if err, failed := out[1].Interface().(error); failed {
		return nil, err
	}
	return out[0].Interface().(P), nil
}

// look reads the scenario's order anew as the person.
func (w *world) look(ctx context.Context, person string) error {
	out := new(pb.WorkOrder)
	err := w.get(ctx, person, w.order.GetName(), out)
	if err == nil {
		w.order = out
	}
	return w.note(err)
}

func (w *world) get(ctx context.Context, person, path string, out proto.Message) error {
	if !w.now.IsZero() {
		ctx, err := w.at(ctx, person)
		if err != nil {
			return err
		}
		return w.read(ctx, path, out)
	}
	login, _, _, err := loginOf(person)
	if err != nil {
		return err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return err
	}
	return p.Do(ctx, http.MethodGet, "/v1/"+path, nil, out)
}

// read is get at the scenario's own moment, by what is asked for.
func (w *world) read(ctx context.Context, path string, out proto.Message) (err error) {
	var got proto.Message
	switch out.(type) {
	case *pb.WorkOrder:
		got, err = w.town.Casework.GetWorkOrder(ctx, &pb.GetWorkOrderRequest{Name: path})
	case *pb.ListEventsResponse:
		got, err = w.town.Casework.ListEvents(ctx, &pb.ListEventsRequest{Parent: strings.TrimSuffix(path, "/events")})
	case *pb.ListReadingsResponse:
		got, err = w.town.Casework.ListReadings(ctx, &pb.ListReadingsRequest{Parent: strings.TrimSuffix(path, "/readings")})
	case *pb.DraftReplyResponse:
		got, err = w.town.Casework.DraftReply(ctx, &pb.DraftReplyRequest{Name: strings.TrimSuffix(path, ":draftReply")})
	case *reportpb.Rates:
		got, err = w.town.Reports.GetRates(ctx, &reportpb.GetRatesRequest{Parent: strings.TrimSuffix(path, "/reports/rates")})
	case *reportpb.Heat:
		got, err = w.town.Reports.GetHeat(ctx, &reportpb.GetHeatRequest{Parent: strings.TrimSuffix(path, "/reports/heat")})
	default:
		return fmt.Errorf("no way to read %T at a given moment", out)
	}
	if err == nil {
		proto.Merge(out, got)
	}
	return err
}

func (w *world) isRefused(words string) error {
	if w.refused == nil {
		return errors.New("系统没有拒绝")
	}
	said := w.refused.Message
	for _, v := range w.refused.Violations {
		said += "；" + v.Description
	}
	if !strings.Contains(said, words) {
		return fmt.Errorf("系统说的是“%s”", said)
	}
	w.refused = nil
	return nil
}

func (w *world) isUnknown() error { return w.hasCode(http.StatusNotFound) }

func (w *world) isForbidden() error { return w.hasCode(http.StatusForbidden) }

func (w *world) hasCode(code int) error {
	if w.refused == nil || w.refused.Code != code {
		return fmt.Errorf("系统的答复是 %v，应为 %d", w.refused, code)
	}
	w.refused = nil
	return nil
}

func want(got, wanted string) error {
	if !strings.Contains(got, wanted) {
		return fmt.Errorf("实际是“%s”，应有“%s”", got, wanted)
	}
	return nil
}
