package features

import (
	"context"
	"net/http"
	"strings"

	"github.com/cucumber/godog"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// The sentences of 答复审核.
func reviewSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)按“(.+)”办结，答复“(.+)”，依据“(.*)”$`, w.concludes)
	sc.Step(`^(\S+)电话未联系上市民$`, func(ctx context.Context, who string) error {
		return w.act(ctx, who, "contact", &pb.ContactRequest{Means: "phone", Note: "无人接听"})
	})
	sc.Step(`^(\S+)自查答复“(.+)”$`, w.checks)
	sc.Step(`^自查提示“(.+)”，(拦下|提醒)$`, w.finds)
	sc.Step(`^自查没有提示$`, func() error { return exactly(w.check.String(), "") })
	sc.Step(`^(北京|天津|上海|合肥)规定公开答复不得使用“(.+)”$`, func(ctx context.Context, city, words string) error {
		return w.rules(ctx, city, func(p *tenantpb.Policy) { p.ForbiddenWords = append(p.ForbiddenWords, words) })
	})
	sc.Step(`^兼任审核员的北京城管局承办人去审核这张工单$`, w.reviewsOwn)
	sc.Step(`^市民没有留下联系方式，要求匿名$`, func() { w.facts.Caller = &pb.Caller{Anonymous: true} })
}

var conclusions = map[string]pb.Conclusion{"已解决": 1, "部分解决": 2, "解释说明": 3, "转法定程序": 4, "诉求不实": 5, "不合理诉求": 6,
	"超职责范围": 7, "联系不上": 8}

func (w *world) concludes(ctx context.Context, who, how, text, ground string) error {
	d := draft(text, conclusions[how])
	d.Draft.Ground = ground
	return w.act(ctx, who, "reply", d)
}

func (w *world) checks(ctx context.Context, who, text string) (err error) {
	w.check, err = send[pb.CheckReplyResponse](ctx, w, who, "checkReply", &pb.CheckReplyRequest{Draft: draft(text, pb.Conclusion_SOLVED).GetDraft()})
	return w.note(err)
}

func (w *world) finds(message, how string) error {
	var all []string
	for _, f := range w.check.GetFindings() {
		if strings.Contains(f.GetMessage(), message) && f.GetBlocking() == (how == "拦下") {
			return nil
		}
		all = append(all, f.GetMessage())
	}
	return want(strings.Join(all, "；"), message)
}

// reviewsOwn is the handler with a second post, see callsOwn.
func (w *world) reviewsOwn(ctx context.Context) error {
	ctx = tenants.With(store.At(ctx, w.now), &tenants.Viewer{Account: uuid.New(), Login: "u02.110000", Tenant: "110000",
		Posts: []tenants.Post{{Role: tenants.Handler, Unit: "U02"}, {Role: tenants.Reviewer}}})
	_, err := w.town.Casework.Review(ctx, &pb.ReviewRequest{Name: w.order.GetName(), Pass: true})
	return w.note(err)
}

// rules lets the city's administrator change its rules for what comes after.
func (w *world) rules(ctx context.Context, city string, change func(p *tenantpb.Policy)) error {
	admin, err := w.town.Stage.As(ctx, "city_admin."+cityCodes[city])
	if err != nil {
		return err
	}
	path := "/v1/tenants/" + cityCodes[city] + "/policy"
	now, err := get[tenantpb.PolicyVersion](ctx, admin, path)
	if err != nil {
		return err
	}
	change(now.GetPolicy())
	return admin.Do(ctx, http.MethodPut, path, &tenantpb.PutPolicyRequest{Policy: now.GetPolicy(), BaseVersion: now.GetVersion(), Reason: "本市规定"}, nil)
}

func get[T any, P interface {
	*T
	proto.Message
}](ctx context.Context, p *play.Person, path string) (P, error) {
	out := P(new(T))
	return out, p.Do(ctx, http.MethodGet, path, nil, out)
}
