package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house"
	"hotline/app/play"
	"hotline/ent"
	"hotline/ent/acknowledgement"
	"hotline/ent/store"
	"hotline/tenants"
)

// nationCities is how many cities a nation has.
const nationCities = 400

// national measures the centre's matrix over 400 cities beside the lines of their histories, and how soon all cities have a version that
// is published.
func national(ctx context.Context, h *house.House, stage *play.Stage, name, super string, lines int, span time.Duration) error {
	if err := h.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		return err
	}
	if err := cities(ctx, h); err != nil {
		return err
	}
	if err := progress(ctx, h); err != nil {
		return err
	}
	if name == "PostgreSQL" {
		start := time.Now()
		if err := history(ctx, super, lines); err != nil {
			return err
		}
		fmt.Printf("%d lines of history written in %s\n", lines, time.Since(start).Round(time.Second))
	} else {
		lines = 0
	}
	centre, err := stage.As(ctx, "central_admin.000000")
	if err != nil {
		return err
	}
	ministry, err := stage.As(ctx, "ministry_officer.100101")
	if err != nil {
		return err
	}
	all := &work{name: fmt.Sprintf("%s: matrix of %d cities × 32 numbers beside %d lines", name, nationCities, lines), do: func(ctx context.Context, _ int64) error {
		raw, err := centre.Raw(ctx, http.MethodGet, "/v1/tenants/000000/progress:matrix", nil)
		if err == nil && strings.Count(string(raw), `"cells"`) < nationCities {
			err = fmt.Errorf("the matrix has %d rows", strings.Count(string(raw), `"cells"`))
		}
		return err
	}}
	column := &work{name: name + ": a ministry's column of it", do: func(ctx context.Context, _ int64) error {
		_, err := ministry.Raw(ctx, http.MethodGet, "/v1/tenants/100101/progress:matrix", nil)
		return err
	}}
	turns(ctx, 1, span, all, column)
	for round := range 3 {
		if err := publication(ctx, h, name, round); err != nil {
			return err
		}
	}
	return nil
}

// cities adds cities to the demo nation's until there are as many as the nation has.
func cities(ctx context.Context, h *house.House) error {
	there, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	return h.Store.Do(nobody(ctx), func(ctx context.Context) error {
		var rows []*ent.CityCreate
		for i := len(there); i < nationCities; i++ {
			rows = append(rows, h.Store.Ent.City.Create().SetCode(fmt.Sprint(600000+i)).SetTitle(fmt.Sprintf("试验市%d", i)).SetCreatedAt(store.Now(ctx)))
		}
		return h.Store.Ent.City.CreateBulk(rows...).Exec(ctx)
	})
}

func nobody(ctx context.Context) context.Context {
	return tenants.With(ctx, &tenants.Viewer{Login: "system"})
}

// progress writes a cell for every city and number, in all states.
func progress(ctx context.Context, h *house.House) error {
	there, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	list, err := h.Consolidation.GetList(ctx, &listpb.GetListRequest{})
	if err != nil {
		return err
	}
	modes := []string{"", "", "sub_center", "dual_number", "whole_merge"}
	for i, c := range there {
		err := h.Store.Do(nobody(ctx), func(ctx context.Context) error {
			var rows []*ent.ListProgressCreate
			for j, e := range list.GetEntries() {
				rows = append(rows, h.Store.Ent.ListProgress.Create().SetCity(c.Code).SetNumber(e.GetNumber()).SetTitle(e.GetTitle()).SetOrigin("national").
					SetAuthority(e.GetAuthority()).SetMode(modes[(i+j)%len(modes)]).SetSteps(12).SetDone((i+j)%13).SetEvidence(j%9).
					SetDueAt(store.Now(ctx).AddDate(0, 0, i%60-30)).SetUpdatedAt(store.Now(ctx)))
			}
			return h.Store.Ent.ListProgress.CreateBulk(rows...).Exec(ctx)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// history writes lines of change over all cities and numbers, as the platform would in years.
func history(ctx context.Context, super string, lines int) error {
	conn, err := pgx.Connect(ctx, super)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	const batch = 500_000
	for from := 0; from < lines; from += batch {
		// City by city and number by number, in the order of the indexes: else they outgrow the memory and the disk is all that is measured.
		_, err := conn.Exec(ctx, `insert into number_changes (tenant, id, number, seq, act, actor, summary, public, dial, seal, created_at)
			select (600000 + i / $3)::text, ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, (12300 + i % $3 * 32 / $3)::text, 1000 + i,
			'complete', 'city_admin', '完成步骤“知识库导入12345”：验收记录', false, '{"Mode":"dual_number","Line":"8001","Skill":"市场监管"}',
			decode(md5(i::text), 'hex'), timestamptz '2021-01-01' + i % $3 * interval '1 hour'
			from generate_series($1::bigint, $2::bigint) i`, from, min(from+batch, lines)-1, max(lines/nationCities, 1))
		if err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	_, err = conn.Exec(ctx, "vacuum analyze number_changes, list_progresses")
	return err
}

// publication measures how long it takes from the act until every city has the version and its receipt lies at the centre.
func publication(ctx context.Context, h *house.House, name string, round int) error {
	person := func(login string) context.Context {
		return tenants.With(ctx, &tenants.Viewer{Login: login, Tenant: consolidation.Office, Posts: []tenants.Post{{Role: tenants.CentralAdmin}}})
	}
	c, one, two := h.Consolidation, person("central_admin.000000"), person("central_admin2.000000")
	d, err := c.Draft(one, &listpb.DraftRequest{Parent: "tenants/" + consolidation.Office})
	if err != nil {
		return err
	}
	l := d.GetList()
	_, err = c.Edit(one, &listpb.EditRequest{Name: d.GetName(), Title: l.GetTitle(), Basis: l.GetBasis(), EffectiveDate: l.GetEffectiveDate(), DeadlineDate: l.GetDeadlineDate(),
		Entries: []*listpb.Entry{{Mode: listpb.Mode_WHOLE_MERGE, Seq: int32(100 + round), Number: fmt.Sprint(12990 + round), Title: "试验热线", Authority: "某部"}}})
	act := &listpb.DraftActRequest{Name: d.GetName()}
	if err == nil {
		_, err = c.Submit(one, act)
	}
	if err == nil {
		_, err = c.Review(two, &listpb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"})
	}
	if err == nil {
		_, err = c.Sign(one, act)
	}
	if err != nil {
		return err
	}
	start := time.Now()
	published, err := c.Publish(one, act)
	if err != nil {
		return err
	}
	out := time.Since(start)
	there, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	for _, city := range there {
		seen, err := c.GetList(tenants.With(ctx, tenants.System(city.Code)), &listpb.GetListRequest{})
		if err != nil || seen.GetVersion() != published.GetVersion() {
			return fmt.Errorf("%s has version %d, %w", city.Code, seen.GetVersion(), err)
		}
	}
	receipts := 0
	err = h.Store.View(nobody(ctx), func(ctx context.Context) (err error) {
		receipts, err = h.Store.Ent.Acknowledgement.Query().Where(acknowledgement.Version(int(published.GetVersion()))).Count(ctx)
		return err
	})
	if err != nil || receipts != len(there) {
		return fmt.Errorf("%d receipts of %d cities, %w", receipts, len(there), err)
	}
	fmt.Printf("%s: version %d published in %s; seen by %d cities, with their receipts at the centre, after %s\n", name, published.GetVersion(),
		out.Round(time.Microsecond*100), len(there), time.Since(start).Round(time.Microsecond*100))
	return nil
}
