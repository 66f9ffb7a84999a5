package features

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cucumber/godog"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/tenants"
)

// The sentences of 清单密钥更换.
func keySteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)提议更换清单签名密钥$`, func(ctx context.Context, who string) error {
		w.merging.proposal = new(listpb.KeyProposal)
		return w.asks(ctx, who, http.MethodPost, "{here}/keyProposals:propose", &listpb.ProposeKeyRequest{Suite: "sm", Reason: "例行更换"}, w.merging.proposal)
	})
	sc.Step(`^(\S+)办理更换$`, func(ctx context.Context, who string) error {
		return w.asks(ctx, who, http.MethodPost, "/v1/"+w.merging.proposal.GetName()+":replace", &listpb.KeyProposalActRequest{}, new(listpb.ListKeysResponse))
	})
	sc.Step(`^(\S+)撤销更换提议$`, func(ctx context.Context, who string) error {
		return w.asks(ctx, who, http.MethodPost, "/v1/"+w.merging.proposal.GetName()+":drop", &listpb.KeyProposalActRequest{}, new(listpb.KeyProposal))
	})
	sc.Step(`^甲由两人更换清单签名密钥$`, func(ctx context.Context) error { return w.rekeys(ctx, false) })
	sc.Step(`^甲的密钥遗失，由两人重立$`, func(ctx context.Context) error { return w.rekeys(ctx, true) })
	sc.Step(`^密钥更换令送到乙$`, func(ctx context.Context) error { return w.handsKey(ctx, 1, "", "") })
	sc.Step(`^直接把第(\d+)件密钥更换令送到乙$`, func(ctx context.Context, n int) error { return w.handsKey(ctx, n, "", "") })
	sc.Step(`^有人把密钥更换令里的“(.+)”改成“(.+)”后送到乙$`, func(ctx context.Context, was, now string) error { return w.handsKey(ctx, 1, was, now) })
	sc.Step(`^乙的第1版由第1把密钥签署，第2版由第2把密钥签署$`, w.signedBy)
	sc.Step(`^乙的北京核对到的指纹不符$`, func(ctx context.Context) error {
		return w.confirmsKey(ctx, func(k *consolidation.KeyAct) string { return consolidation.Fingerprint(k.Old) })
	})
	sc.Step(`^乙的北京核对到的指纹相符，予以确认$`, func(ctx context.Context) error {
		return w.confirmsKey(ctx, func(k *consolidation.KeyAct) string { return consolidation.Fingerprint(k.New) })
	})
	sc.Step(`^乙的北京现行的是第(\d+)版，乙的南京现行的是第(\d+)版$`, w.citiesHave)
}

// person is somebody at work in one of the separate processes.
func person(ctx context.Context, role tenants.Role, login, place string) context.Context {
	return tenants.With(ctx, &tenants.Viewer{Login: login + "." + place, Tenant: place, Posts: []tenants.Post{{Role: role}}})
}

func (w *world) rekeys(ctx context.Context, lost bool) error {
	c := w.merging.apart["甲"].Consolidation
	p, err := c.ProposeKey(person(ctx, tenants.CentralAdmin, "central_admin", consolidation.Office), &listpb.ProposeKeyRequest{Parent: "tenants/" + consolidation.Office, Suite: "sm",
		Lost: lost, Reason: "例行更换"})
	if err != nil {
		return err
	}
	_, err = c.ReplaceKey(person(ctx, tenants.CentralAdmin, "central_admin2", consolidation.Office), &listpb.KeyProposalActRequest{Name: p.GetName()})
	return err
}

func (w *world) handsKey(ctx context.Context, n int, was, now string) error {
	acts, err := w.merging.apart["甲"].Consolidation.KeyActs(ctx)
	if err != nil {
		return err
	}
	act := acts[n-1]
	if was != "" {
		act = []byte(strings.ReplaceAll(string(act), was, now))
	}
	return w.note(w.merging.apart["乙"].Consolidation.Receive(ctx, act))
}

func (w *world) signedBy(ctx context.Context) error {
	c := w.merging.apart["乙"].Consolidation
	keys, e1 := c.ListKeys(ctx, &listpb.ListKeysRequest{})
	versions, e2 := c.ListVersions(ctx, &listpb.ListVersionsRequest{})
	if err := errors.Join(e1, e2); err != nil {
		return err
	}
	for _, v := range versions.GetVersions() {
		if k := keys.GetKeys()[v.GetVersion()-1]; k.GetKey() != v.GetKey() || k.GetFromVersion() != v.GetVersion() {
			return fmt.Errorf("第%d版由%s签署", v.GetVersion(), v.GetKey())
		}
	}
	return nil
}

func (w *world) confirmsKey(ctx context.Context, fingerprint func(*consolidation.KeyAct) string) error {
	acts, err := w.merging.apart["甲"].Consolidation.KeyActs(ctx)
	if err != nil {
		return err
	}
	act, err := consolidation.VerifyKeyAct(acts[0])
	if err != nil {
		return err
	}
	_, err = w.merging.apart["乙"].Consolidation.ConfirmKey(person(ctx, tenants.CityAdmin, "city_admin", "110000"), &listpb.ConfirmKeyRequest{Parent: "tenants/110000",
		Fingerprint: fingerprint(act)})
	return w.note(err)
}

func (w *world) citiesHave(ctx context.Context, beijing, nanjing int) error {
	for city, version := range map[string]int{"110000": beijing, "320100": nanjing} {
		l, err := w.merging.apart["乙"].Consolidation.GetList(person(ctx, tenants.Agent, "agent", city), &listpb.GetListRequest{})
		if err != nil {
			return err
		}
		if int(l.GetVersion()) != version {
			return fmt.Errorf("%s现行的是第%d版", city, l.GetVersion())
		}
	}
	return nil
}
