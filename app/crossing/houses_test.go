package crossing_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store/storetest"
)

// book keeps what a house logs.
type book struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// places are three deployments with databases of their own, voters of one region.
type places struct {
	*story
	towns map[string]*housetest.Town
	nodes map[string]*crossingtest.Node
	logs  map[string]*book
}

// apart builds a house for each of the three cities; Tianjin's lies on PostgreSQL where asked.
func apart(t *testing.T, postgres bool) *places {
	t.Helper()
	p := &places{story: &story{t: t, stage: map[string]*play.Stage{}}, towns: map[string]*housetest.Town{}, nodes: map[string]*crossingtest.Node{}, logs: map[string]*book{}}
	var voters []crossingtest.Voter
	for _, city := range []string{beijing, tianjin, shijiazhuang} {
		url, codes := storetest.SQLiteURL(t), []string{city}
		if city == tianjin && postgres {
			url = storetest.PostgresURL(t)
		}
		if city == beijing {
			codes = append(codes, coordinator)
		}
		p.logs[city] = &book{}
		p.towns[city] = housetest.OpenCities(t, url, p.logs[city], codes...)
		for _, code := range codes {
			p.stage[code] = p.towns[city].Stage
		}
		jobs(t, p.towns[city])
		voters = append(voters, crossingtest.Voter{House: p.towns[city].House, City: city})
	}
	for i, n := range crossingtest.LinkAll(t, region, coordinator, voters) {
		p.nodes[voters[i].City] = n
	}
	return p
}

// jobs lets a house do its chores, such as fetching files.
func jobs(t *testing.T, town *housetest.Town) {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	stop, err := town.Work(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
		end()
	})
}

// The person whose case moves. Nobody but the people of the two cities may ever find them.
const (
	plantedName  = "慕容采薇"
	plantedPhone = "13900001234"
	plantedHome  = "紫藤胡同八号院三单元"
	plantedWords = "邻居把楼道堵死了"
)

func planted(r *nation.Request) {
	r.Caller = nation.Caller{Name: plantedName, Phone: plantedPhone, IDNumber: "110101190001010011", Address: plantedHome}
	r.Transcript, r.Body, r.Location = "我是"+plantedName+"，"+plantedWords, "来电人反映"+plantedWords, plantedHome
}

// finds looks for the planted person in every file of a folder.
func (p *places) finds(folder string) (found []string) {
	p.t.Helper()
	err := filepath.WalkDir(folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, v := range []string{plantedName, plantedPhone, plantedHome, plantedWords, "110101190001010011"} {
			if bytes.Contains(b, []byte(v)) {
				found = append(found, v+" in "+path)
			}
		}
		return nil
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

// dump is a city's database as text.
func dump(t *testing.T, url, city string) string {
	t.Helper()
	var all strings.Builder
	if path, sqlite := strings.CutPrefix(url, "sqlite:"); sqlite {
		for _, end := range []string{"", "-wal"} {
			b, err := os.ReadFile(path + end)
			if err != nil && end == "" {
				t.Fatal(err)
			}
			all.Write(b)
		}
		return all.String()
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "select set_config('app.tenant', $1, false)", city); err != nil {
		t.Fatal(err)
	}
	rows, _ := conn.Query(ctx, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatal(len(tables), err)
	}
	for _, table := range tables {
		rows, _ := conn.Query(ctx, "select t::text from "+table+" t")
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(table, err)
		}
		all.WriteString(strings.Join(lines, "\n"))
	}
	return all.String()
}

func TestThreeDeploymentsPassACaseOnAndNobodyElseLearnsWhoseItIs(t *testing.T) {
	for name, postgres := range map[string]bool{"SQLite": false, "PostgreSQL": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apart(t, postgres)
			w := p.takenBy(beijing, "", planted)
			file := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
			if _, err := play.Post[pb.Petition](context.Background(), p.stage[beijing].Nobody(), "/v1/tenants/110000/petitions/"+w.Order.GetNumber()+":addFile",
				&pb.AddFileRequest{Code: w.Code, Title: "我的材料", Content: file}); err != nil {
				t.Fatal(err)
			}
			home := p.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
			first := p.coming(tianjin, home.GetNumber())
			p.as("dispatcher.120000", first.GetName(), "decline", declining(shijiazhuang))
			p.stands(beijing, home.GetNumber(), "declined")
			p.as("dispatcher.110000", home.GetName(), "transfer", cold(shijiazhuang))
			there := p.coming(shijiazhuang, home.GetNumber())
			p.as("dispatcher.130100", there.GetName(), "accept", &pb.AcceptRequest{})
			p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
			there = p.until("dispatcher.130100", there.GetName(), pb.State_RECEIVED)
			p.opens(there, file)
			finish(p.story, there)
			p.stands(beijing, home.GetNumber(), "called_back")
			p.stands(tianjin, home.GetNumber(), "called_back")
			if got, err := p.stage[beijing].Track(context.Background(), w); err != nil || !strings.Contains(got.GetAnswer(), "当日到场核实") {
				t.Errorf("what the citizen reads: %v, %v", got, err)
			}
			for city, n := range p.nodes {
				for _, at := range p.finds(n.Conf.Folder) {
					t.Errorf("%s: %s", city, at)
				}
				for where, text := range map[string]string{"the database": dump(t, p.towns[city].URL, city), "the log": p.logs[city].String()} {
					for _, v := range []string{plantedName, plantedPhone, plantedHome, plantedWords, "110101190001010011"} {
						if strings.Contains(text, v) {
							t.Errorf("%s of %s has %s in the clear", where, city, v)
						}
					}
				}
			}
		})
	}
}

// opens waits for the files of an order and opens the first, with its line in the read ledger.
func (p *places) opens(o *pb.WorkOrder, want []byte) { opensFile(p.story, o, want) }

func opensFile(s *story, o *pb.WorkOrder, want []byte) {
	s.t.Helper()
	city := cityOf(o)
	s.settle("the file has come", func() bool {
		now := s.get("dispatcher."+city, o.GetName())
		s.last = fmt.Sprint(now.GetAttachments())
		if len(now.GetAttachments()) == 0 {
			return false
		}
		var got pb.AttachmentContent
		err := s.person("dispatcher."+city).Do(context.Background(), "GET", "/v1/"+now.GetAttachments()[len(now.GetAttachments())-1].GetName()+"?reason=核对现场情况", nil, &got)
		if err != nil {
			s.last = err.Error()
			return false
		}
		return bytes.Equal(got.GetContent(), want)
	})
	var readings pb.ListReadingsResponse
	if err := s.person("auditor."+city).Do(context.Background(), "GET", "/v1/"+o.GetName()+"/readings", nil, &readings); err != nil {
		s.t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(readings.GetReadings()), "attachment") {
		s.t.Errorf("no line in the read ledger: %v", readings.GetReadings())
	}
}

func TestACityWithoutItsRegionGoesOnSaysSoAndCatchesUpInOrder(t *testing.T) {
	p := apart(t, false)
	gone := p.takenBy(beijing, "-0", func(*nation.Request) {})
	p.as("dispatcher.110000", gone.Order.GetName(), "transfer", cold(tianjin))
	p.coming(tianjin, gone.Order.GetNumber())
	p.nodes[tianjin].Stop()
	p.nodes[shijiazhuang].Stop()
	var waiting []*pb.WorkOrder
	for range 4 { // intake goes on, and offers wait
		w := p.takenAgain(beijing)
		waiting = append(waiting, p.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin)))
		if _, err := play.Post[pb.Petition](context.Background(), p.stage[beijing].Nobody(), "/v1/tenants/110000/petitions/"+w.Order.GetNumber()+":urge", &pb.UrgeRequest{Code: w.Code}); err != nil {
			t.Fatal(err)
		}
	}
	var regions pb.ListRegionsResponse
	p.settle("the city knows that it is cut off", func() bool {
		proto.Reset(&regions)
		if err := p.person("dispatcher.110000").Do(context.Background(), "GET", "/v1/tenants/110000/regions", nil, &regions); err != nil {
			t.Fatal(err)
		}
		p.last = fmt.Sprint(&regions)
		return len(regions.GetRegions()) == 1 && !regions.GetRegions()[0].GetConnected()
	})
	if r := regions.GetRegions()[0]; r.GetWaiting() != 8 || r.GetWaitingSince() == nil || !strings.Contains(r.GetStatus(), "照常受理") {
		t.Errorf("what the screens say: %v", r)
	}
	ready, err := p.person("dispatcher.110000").Raw(context.Background(), "GET", "/readyz", nil)
	if err != nil || !strings.Contains(string(ready), region) {
		t.Errorf("/readyz: %s, %v", ready, err)
	}
	for _, o := range waiting {
		if got := p.transfer(beijing, o.GetNumber()); got.GetState() != "queued" || got.GetCustodian() != beijing {
			t.Errorf("cut off: %v", got)
		}
	}
	p.nodes[tianjin].Again()
	p.nodes[shijiazhuang].Again()
	last := int64(0)
	for _, o := range waiting {
		there := p.coming(tianjin, o.GetNumber())
		p.stands(beijing, o.GetNumber(), "delivered")
		p.settle("the urge has come too", func() bool { return strings.Contains(p.history("dispatcher.120000", there.GetName()), "补充情况") })
		got := p.transfer(tianjin, o.GetNumber())
		if got.GetNumber() <= last {
			t.Errorf("out of order: %d after %d", got.GetNumber(), last)
		}
		last = got.GetNumber()
	}
	proto.Reset(&regions)
	if err := p.person("dispatcher.110000").Do(context.Background(), "GET", "/v1/tenants/110000/regions", nil, &regions); err != nil || !regions.GetRegions()[0].GetConnected() || regions.GetRegions()[0].GetWaiting() != 0 {
		t.Errorf("afterwards: %v, %v", &regions, err)
	}
}
