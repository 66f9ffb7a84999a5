package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	pb "hotline/api/casework/v1"
	listpb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants/identity"
)

// demoPassword is of every demo account; `hotline serve` knows no account and no password of its own.
const demoPassword = "demo-12345-hotline"

func demoCommand() *cobra.Command {
	s := &settings{}
	check, build := false, false
	var only []string
	c := &cobra.Command{
		Use:   "demo",
		Short: "a small nation in one process: twelve cities, their people, 240 requests in every state",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if build {
				return s.build(cmd.Context(), only)
			}
			return s.demo(cmd.Context(), cmd.OutOrStdout(), check, only)
		},
	}
	s.serverFlags(c)
	c.Flags().StringSliceVar(&only, "only", nil, "set up these cities and places alone, e.g. 110000,100001; they are linked to others by --federation")
	c.Flags().BoolVar(&build, "build", false, "set up the cities and stop")
	c.Flags().BoolVar(&check, "check", false, "play the whole way of every sample, print where each ended, and stop")
	return c
}

// demo builds the nation, serves it and plays the samples through the API, as the people whose step it is.
func (s *settings) demo(ctx context.Context, out io.Writer, check bool, only []string) error {
	s.unlimited = true // one machine plays all the people of twelve cities
	s.nation = s.federation == "" && len(only) == 0
	log := slog.New(slog.DiscardHandler)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	played := make(chan error, 1)
	err := s.serve(ctx, log, func(ctx context.Context, h *house.House) error {
		if err := buildNation(ctx, h, only); err != nil {
			return err
		}
		if len(only) == 0 || slices.Contains(only, consolidation.Office) { // there is one office; others get its list from it
			if err := h.Consolidation.FoundOffice(ctx, "sm"); err != nil {
				return err
			}
		}
		h.Gate.Listening = func(network, address string) {
			if network != "http" {
				return
			}
			stage := &play.Stage{Base: "http://" + address, Client: &http.Client{Timeout: time.Minute}, Password: demoPassword}
			go func() {
				if check {
					played <- checkAll(ctx, out, stage)
					stop()
					return
				}
				welcome(out, address)
				switch err := playAll(ctx, stage, only); {
				case err == nil:
					fmt.Fprintln(out, "演示数据已全部放入。")
				case ctx.Err() == nil:
					fmt.Fprintln(out, "演示数据没有全部放入：", err)
				}
			}()
		}
		return nil
	})
	if err == nil && check {
		return <-played
	}
	return err
}

// build sets the nation up, or some of it, and stops.
func (s *settings) build(ctx context.Context, only []string) error {
	h, err := s.open(ctx, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	return buildNation(ctx, h, only)
}

func buildNation(ctx context.Context, h *house.House, only []string) error {
	return nation.Build(ctx, nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory,
		Hash: identity.HashPassword, Password: demoPassword, Only: only})
}

func welcome(out io.Writer, address string) {
	fmt.Fprintf(out, `12345 演示国已就绪：http://%[1]s
  群众页面 http://%[1]s/   工作台 http://%[1]s/console/
  接口文档 http://%[1]s/openapi.yaml   指标 http://%[1]s/metrics

账号（口令都是 %[2]s）：角色.城市代码，例如
`, address, demoPassword)
	for _, p := range [][2]string{{"agent.110000", "北京话务员"}, {"dispatcher.110000", "北京派单员"}, {"u02.110000", "北京城管局承办人"},
		{"lead.u02.110000", "北京城管局负责人"}, {"reviewer.110000", "北京审核员"}, {"callback_agent.110000", "北京回访员"},
		{"supervisor.110000", "北京督办员"}, {"auditor.110000", "北京审计员"}, {"city_admin.110000", "北京城市管理员"}} {
		fmt.Fprintf(out, "  %-24s %s\n", p[0], p[1])
	}
	var cities []string
	for _, c := range nation.Cities() {
		cities = append(cities, c.Code+" "+c.Title)
	}
	fmt.Fprintf(out, `城市：%[2]s

试四件事（TOKEN 取自第一步）：
1. 登录     curl -s http://%[1]s/v1/sessions:login --json '{"login":"agent.110000","password":"%[3]s"}'
2. 看工单   curl -s http://%[1]s/v1/tenants/110000/workOrders -H "Authorization: Bearer $TOKEN"
3. 自助提交 curl -s http://%[1]s/v1/tenants/110000/petitions:submit --json '{"words":"小区门口路灯坏了三天，晚上看不见路。","kind":"HELP","district":"朝阳区","caller":{"name":"试一试","phone":"13800000000"}}'
4. 拨号解析 curl -s "http://%[1]s/v1/tenants/110000/dialPlan:resolve?number=12358" -H "Authorization: Bearer $TOKEN"
城市之外：国务院办公厅 central_admin.000000、central_admin2.000000（清单由另一人审核），京津冀协调员 regional_coordinator.100001，
江苏省 province_admin.100032，市场监管总局 ministry_officer.100101，都在工作台登录
`, address, strings.Join(cities, "、"), demoPassword)
}

// untils spread the samples of each city over the states, so that a newcomer finds work at every desk.
var untils = []pb.State{pb.State_HANDLING, pb.State_RECEIVED, pb.State_DISPATCHED, pb.State_REPLIED, pb.State_CLOSED,
	pb.State_CONCLUDED, pb.State_HANDLING, pb.State_DISPATCHED, pb.State_CLOSED}

// aside says whether the sample shows a side life: every fifth that can does, one after the other.
func aside(i int, r nation.Request) (play.Aside, bool) {
	return play.Asides[i/5%len(play.Asides)], i%5 == 0 && play.CanStray(r)
}

// playAll puts the samples into the nation once. The samples carry their own ids, so a start after an interruption goes on.
func playAll(ctx context.Context, stage *play.Stage, only []string) error {
	goes := map[string]int{} // by city, how many have gone to a desk
	crossing := 0            // how many are another city's
	for i, r := range nation.Requests() {
		if len(only) > 0 && !slices.Contains(only, r.City) {
			continue
		}
		var w *play.Walk
		var err error
		if a, ok := aside(i, r); ok {
			w, err = stage.Stray(ctx, r, a)
		} else {
			w, err = stage.Go(ctx, r, untils[goes[r.City]%len(untils)])
			if r.Disposition == "in_scope" {
				goes[r.City]++
			}
		}
		var refusal *play.Refusal
		switch {
		case errors.As(err, &refusal) && refusal.Reason == "ALREADY_TAKEN_IN":
		case err != nil:
			return err
		case w.Order.GetState() == pb.State_CLOSED && i%3 == 0:
			if err := stage.Rate(ctx, w); err != nil {
				return err
			}
		case r.CrossCity != "" && !r.Confidential && len(only) == 0: // both cities are here
			if err := stage.UnderWay(ctx, w, crossing); err != nil {
				return err
			}
			crossing++
		}
	}
	for _, m := range play.Merges() {
		if _, err := stage.Merge(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// checkAll plays the whole way of every sample and says of each where it ended and whether that is right.
func checkAll(ctx context.Context, out io.Writer, stage *play.Stage) error {
	start, wrong := time.Now(), 0
	ends := map[string]int{}
	for _, r := range nation.Requests() {
		w, err := stage.Go(ctx, r, play.End(r))
		if err == nil {
			err = finish(ctx, stage, w)
		}
		mark := "✓"
		if err != nil {
			mark = "✗ " + err.Error()
			wrong++
		}
		state := w.Order.GetState().String()
		ends[r.Disposition+" → "+state]++
		fmt.Fprintf(out, "%s %s %-18s %-10s %2d步 %s\n", r.ID, r.City, r.Disposition, state, len(w.Acts), mark)
	}
	var lines []string
	for k, n := range ends {
		lines = append(lines, fmt.Sprintf("%4d  %s", n, k))
	}
	slices.Sort(lines)
	fmt.Fprintln(out, strings.Join(lines, "\n"))
	fmt.Fprintf(out, "%d 件，%d 件不符，用时 %s\n", len(nation.Requests()), wrong, time.Since(start).Round(time.Millisecond))
	strayed := checkAsides(ctx, out, stage)
	unmerged := checkMerges(ctx, out, stage)
	if wrong+strayed+unmerged > 0 {
		return fmt.Errorf("%d samples did not end where they should, %d side lives did not come about, %d numbers did not come as far as they should",
			wrong, strayed, unmerged)
	}
	return checkCross(ctx, out, stage)
}

// checkCross plays a case between three cities in each region, and one between regions.
func checkCross(ctx context.Context, out io.Writer, stage *play.Stage) error {
	for _, c := range [][3]string{{"110000", "120000", "130100"}, {"310000", "320100", "330100"}, {"500000", "510100", "511600"}, {"110000", "310000", "510100"}} {
		stages := map[string]*play.Stage{c[0]: stage, c[1]: stage, c[2]: stage}
		tell := func(format string, args ...any) { fmt.Fprintf(out, "跨域 "+format+"\n", args...) }
		if err := play.Cross(ctx, stages, c[0], c[1], c[2], tell); err != nil {
			return fmt.Errorf("transfer %v: %w", c, err)
		}
	}
	return nil
}

// checkMerges brings the numbers of all cities as far as the demo has them, and dials each.
func checkMerges(ctx context.Context, out io.Writer, stage *play.Stage) (wrong int) {
	for _, m := range play.Merges() {
		n, err := stage.Merge(ctx, m)
		if err == nil && (m.Reach == play.CutOver) != (n.GetMode() == m.Mode) {
			err = fmt.Errorf("%s 应为 %s，实为 %s", m.Number, m.Mode, n.GetMode())
		}
		legs := ""
		if err == nil {
			var d *listpb.Dial
			if d, err = stage.Dial(ctx, m.City, m.Number); err == nil {
				legs = d.GetLegs()[0].GetKind()
			}
		}
		mark := "✓"
		if err != nil {
			mark = "✗ " + err.Error()
			wrong++
		}
		fmt.Fprintf(out, "归并 %s %s %-12s %s 接听：%s %s\n", m.City, m.Number, m.Mode, n.GetStandingTitle(), legs, mark)
	}
	fmt.Fprintf(out, "归并号码 %d 个，%d 个不符\n", len(play.Merges()), wrong)
	return wrong
}

// checkAsides plays each side life in three cities, on a sample filed once more.
func checkAsides(ctx context.Context, out io.Writer, stage *play.Stage) (wrong int) {
	var samples []nation.Request
	for _, r := range nation.Requests() {
		if play.CanStray(r) {
			samples = append(samples, r)
		}
	}
	for i := range 3 * len(play.Asides) {
		a, r := play.Asides[i%len(play.Asides)], samples[i*7%len(samples)]
		r.ID = fmt.Sprintf("%s-aside-%d", r.ID, i)
		w, err := stage.Stray(ctx, r, a)
		mark := "✓"
		if err != nil {
			mark = "✗ " + err.Error()
			wrong++
		}
		fmt.Fprintf(out, "旁路 %s %-10s %2d步 %s %s\n", r.City, w.Order.GetState(), len(w.Acts), a.Title, mark)
	}
	fmt.Fprintf(out, "旁路 %d 件，%d 件不符\n", 3*len(play.Asides), wrong)
	return wrong
}

// finish holds the end of a walk against what it should be, as the citizen sees it too.
func finish(ctx context.Context, stage *play.Stage, w *play.Walk) error {
	if want := play.End(w.Sample); w.Order.GetState() != want {
		return fmt.Errorf("ended %s, should be %s", w.Order.GetState(), want)
	}
	if w.Order.GetState() == pb.State_CLOSED {
		if err := stage.Rate(ctx, w); err != nil {
			return err
		}
	}
	p, err := stage.Track(ctx, w)
	if err != nil {
		return err
	}
	if p.GetNumber() != w.Order.GetNumber() || p.GetProgress() == "" {
		return errors.New("the citizen can't follow it")
	}
	return nil
}
