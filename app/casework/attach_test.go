package casework_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// paper is a small PDF with the words in it.
func paper(words string) []byte {
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Note (" + words + ") >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
}

func attach(o *pb.WorkOrder, words string) *pb.AttachRequest {
	return &pb.AttachRequest{Name: o.GetName(), Title: "材料.pdf", Content: paper(words)}
}

// handler is of the unit that leads the order of atWork; stranger is of another one.
func handler() context.Context { return as("u02."+city, tenants.Handler, "U02") }

func stranger() context.Context { return as("u03."+city, tenants.Handler, "U03") }

// atWork is an order that U02 works on, with the code of its citizen.
func atWork(t *testing.T, town *housetest.Town, id string, change func(in *pb.IntakeRequest, d *pb.DispatchRequest)) (*pb.WorkOrder, string) {
	t.Helper()
	in, d := request(t, id), &pb.DispatchRequest{Lead: "U02", Instruction: "请办理"}
	change(in, d)
	taken, err := town.Casework.Intake(agent(), in)
	if err != nil {
		t.Fatal(err)
	}
	d.Name = taken.GetWorkOrder().GetName()
	if _, err := town.Casework.Dispatch(dispatcher(1), d); err != nil {
		t.Fatal(err)
	}
	o, err := town.Casework.Sign(handler(), &pb.SignRequest{Name: d.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	return o, taken.GetCode()
}

func asItIs(*pb.IntakeRequest, *pb.DispatchRequest) {}

func addFile(t *testing.T, town *housetest.Town, o *pb.WorkOrder, code, words string) error {
	t.Helper()
	ctx := tenants.With(context.Background(), tenants.CitizenOf(city))
	_, err := town.Portal.AddFile(ctx, &pb.AddFileRequest{Name: petition(o), Code: code, Title: "我的照片.pdf", Content: paper(words)})
	return err
}

func petition(o *pb.WorkOrder) string {
	return strings.Replace(o.GetName(), "workOrders", "petitions", 1)
}

func seen(t *testing.T, town *housetest.Town, ctx context.Context, o *pb.WorkOrder) *pb.WorkOrder {
	t.Helper()
	out, err := town.Casework.GetWorkOrder(ctx, &pb.GetWorkOrderRequest{Name: o.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// atRest are the files of the town's folder by name.
func atRest(t *testing.T, town *housetest.Town) map[string][]byte {
	t.Helper()
	root, all := strings.TrimPrefix(town.Blobs, "file://"), map[string][]byte{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAFileLiesEncryptedAndComesBackWithALineInTheLedger(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "file", asItIs)
		if err := addFile(t, town, o, code, "planted"); err != nil {
			t.Fatal(err)
		}
		o = seen(t, town, handler(), o)
		if len(o.GetAttachments()) != 1 || !o.GetAttachments()[0].GetByCitizen() || !o.GetAttachments()[0].GetNeedsReason() || o.GetMarks().GetSupplements() != 1 {
			t.Fatalf("the unit sees %v, %v", o.GetAttachments(), o.GetMarks())
		}
		name := o.GetAttachments()[0].GetName()
		for path, raw := range atRest(t, town) {
			id := name[strings.LastIndexByte(name, '/'):]
			if bytes.Contains(raw, []byte("planted")) || bytes.Contains(raw, []byte("%PDF")) || !strings.HasSuffix(path, id) || strings.Contains(path, o.GetNumber()) {
				t.Errorf("%s says too much", path)
			}
		}
		for _, reason := range []string{"", "核对", "   核对  "} {
			if _, err := town.Casework.GetAttachment(handler(), &pb.GetAttachmentRequest{Name: name, Reason: reason}); errors.Reason(err) != "INVALID_ARGUMENT" {
				t.Errorf("what a citizen sent is opened for %q: %v", reason, err)
			}
		}
		out, err := town.Casework.GetAttachment(handler(), &pb.GetAttachmentRequest{Name: name, Reason: "现场核对，找13900007777"})
		if err != nil || !bytes.Equal(out.GetContent(), paper("planted")) || out.GetAttachment().GetMediaType() != "application/pdf" || out.GetWatermark() == "" {
			t.Fatalf("%v, %v", out, err)
		}
		ledger, err := town.Casework.ListReadings(auditor(), &pb.ListReadingsRequest{Parent: o.GetName()})
		if err != nil || len(ledger.GetReadings()) != 1 {
			t.Fatalf("%v, %v", ledger, err)
		}
		line := ledger.GetReadings()[0]
		if !slices.Equal(line.GetFields(), []string{"attachment"}) || !strings.HasPrefix(line.GetReason(), "现场核对") || strings.Contains(line.GetReason(), "13900007777") {
			t.Errorf("the ledger says %v", line)
		}
		citizen := tenants.With(context.Background(), tenants.CitizenOf(city))
		who, err := town.Portal.ListViewers(citizen, &pb.ListViewersRequest{Name: petition(o), Code: code})
		if err != nil || len(who.GetViewings()) != 1 || who.GetViewings()[0].GetWhat() != "附件" {
			t.Errorf("the citizen is told %v, %v", who, err)
		}
		if _, _, broken, err := town.Casework.Verify(tenants.With(context.Background(), tenants.System(city))); err != nil || len(broken) > 0 {
			t.Errorf("the chains: %v, %v", broken, err)
		}
	})
}

func TestAFileIsThereOnlyForWhoMaySeeItsOrder(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "scope", asItIs)
		o, err := town.Casework.Attach(agent(), attach(o, "x"))
		if err != nil {
			t.Fatal(err)
		}
		other, err := town.Casework.Attach(agent(), attach(take(t, town, "scope2"), "x"))
		if err != nil {
			t.Fatal(err)
		}
		name := o.GetAttachments()[0].GetName()
		tianjin := tenants.With(context.Background(), &tenants.Viewer{Account: uuid.New(), Login: "agent.120000", Tenant: "120000",
			Posts: []tenants.Post{{Role: tenants.Agent}}})
		for what, ctx := range map[string]context.Context{"another unit": stranger(), "another city": tianjin} {
			if _, err := town.Casework.GetAttachment(ctx, &pb.GetAttachmentRequest{Name: name}); errors.Code(err) != 404 {
				t.Errorf("%s opens it: %v", what, err)
			}
			if _, err := town.Casework.Attach(ctx, attach(o, "y")); errors.Code(err) != 404 {
				t.Errorf("%s adds to it: %v", what, err)
			}
		}
		mixed := other.GetName() + name[strings.Index(name, "/attachments/"):]
		if _, err := town.Casework.GetAttachment(agent(), &pb.GetAttachmentRequest{Name: mixed}); errors.Code(err) != 404 {
			t.Errorf("it opens under another order: %v", err)
		}
		if n := len(atRest(t, town)); n != 2 {
			t.Errorf("%d files at rest, what was refused too", n)
		}
	})
}

func TestWhatCouldTellWhoTheyAreIsClosedToTheUnits(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		supervisor := as("supervisor."+city, tenants.Supervisor, "")
		for id, change := range map[string]func(in *pb.IntakeRequest, d *pb.DispatchRequest){
			"briefed":      func(_ *pb.IntakeRequest, d *pb.DispatchRequest) { d.Brief = "市民举报占道经营" },
			"confidential": func(in *pb.IntakeRequest, _ *pb.DispatchRequest) { in.Facts.Confidential = true },
		} {
			o, code := atWork(t, town, id, change)
			if err := addFile(t, town, o, code, "theirs"); err != nil {
				t.Fatal(err)
			}
			o, err := town.Casework.Attach(handler(), attach(o, "ours"))
			if err != nil {
				t.Fatal(err)
			}
			theirs, ours := o.GetAttachments()[0], o.GetAttachments()[1]
			_, err = town.Casework.GetAttachment(handler(), &pb.GetAttachmentRequest{Name: theirs.GetName()})
			refusedAs(t, id, err, "NOT_OPENABLE")
			if id == "briefed" && theirs.GetTitle().GetText() != "" {
				t.Errorf("the unit reads the title the informer gave: %v", theirs.GetTitle())
			}
			for what, look := range map[string]struct {
				ctx  context.Context
				file *pb.Attachment
			}{"its own": {handler(), ours}, "the supervisor": {supervisor, theirs}} {
				if _, err := town.Casework.GetAttachment(look.ctx, &pb.GetAttachmentRequest{Name: look.file.GetName(), Reason: map[bool]string{true: "核对现场情况"}[look.file.GetNeedsReason()]}); err != nil {
					t.Errorf("%s, %s: %v", id, what, err)
				}
			}
		}
	})
}

func TestTheCitysLimitsHoldAndNothingRefusedStaysBehind(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o := take(t, town, "limits")
		in := attach(o, "0")
		in.RequestId = "file-once"
		for range 2 {
			if _, err := town.Casework.Attach(agent(), proto.CloneOf(in)); err != nil {
				t.Fatal(err)
			}
		}
		_, err := town.Casework.Attach(agent(), attach(o, "0"))
		refusedAs(t, "the same again", err, "SAME_FILE")
		big := attach(o, strings.Repeat("x", 10<<20))
		_, err = town.Casework.Attach(agent(), big)
		refusedAs(t, "too large", err, "FILE_TOO_LARGE")
		_, err = town.Casework.Attach(agent(), attach(o, ") /OpenAction 1 0 R (x"))
		refusedAs(t, "a PDF that acts", err, "ACTIVE_CONTENT")
		page := attach(o, "")
		page.Content = []byte("<!DOCTYPE html><script>alert(1)</script>")
		_, err = town.Casework.Attach(agent(), page)
		refusedAs(t, "a page", err, "UNSUPPORTED_FILE")
		for i := 1; i < 20; i++ {
			if o, err = town.Casework.Attach(agent(), attach(o, fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		_, err = town.Casework.Attach(agent(), attach(o, "20"))
		refusedAs(t, "one too many", err, "TOO_MANY_FILES")
		if n := len(atRest(t, town)); n != 20 || len(o.GetAttachments()) != 20 {
			t.Errorf("%d files at rest, %d on the order", n, len(o.GetAttachments()))
		}
	})
}

func TestADamagedOrMissingFileIsAFaultAndGivesNothing(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, err := town.Casework.Attach(agent(), attach(take(t, town, "damage"), "x"))
		if err != nil {
			t.Fatal(err)
		}
		open := func(what string) {
			out, err := town.Casework.GetAttachment(agent(), &pb.GetAttachmentRequest{Name: o.GetAttachments()[0].GetName(), Reason: "核对现场情况"})
			if err == nil || errors.Code(err) != 500 || out != nil {
				t.Errorf("%s: %v, %v", what, out, err)
			}
		}
		for path, raw := range atRest(t, town) {
			raw[len(raw)/2] ^= 1
			_ = os.WriteFile(path, raw, 0o600)
			open("changed")
			_ = os.Remove(path)
			open("missing")
		}
	})
}

func TestAFileOfTheCitizenEndsTheWaitForThem(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "await", asItIs)
		waits := func(o *pb.WorkOrder) bool {
			return slices.ContainsFunc(o.GetClocks(), func(c *pb.Clock) bool { return c.GetStep() == "awaiting" && c.GetStatus() == "running" })
		}
		o, err := town.Casework.Await(handler(), &pb.AwaitRequest{Name: o.GetName(), Question: "请补充现场照片。"})
		if err != nil || !waits(o) {
			t.Fatalf("%v, %v", o, err)
		}
		if o, err = town.Casework.Attach(handler(), attach(o, "ours")); err != nil || !waits(o) {
			t.Fatalf("a file of the unit ended its own wait: %v", err)
		}
		if err := addFile(t, town, o, code, "theirs"); err != nil {
			t.Fatal(err)
		}
		if waits(seen(t, town, handler(), o)) {
			t.Error("the unit still waits")
		}
	})
}

func TestAfterAKeyIsChangedAndTheOldOneDroppedFilesAndSideWordsStillOpen(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "rotate", func(_ *pb.IntakeRequest, d *pb.DispatchRequest) { d.Brief = "市民反映占道经营" })
		o, err := town.Casework.Attach(agent(), attach(o, "kept"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = town.Casework.ClaimUnreasonable(handler(), &pb.ClaimUnreasonableRequest{Name: o.GetName(), Ground: "诉求与事实不符", Evidence: "现场照片两张"})
		if err != nil {
			t.Fatal(err)
		}
		linked, err := town.Casework.HandOff(agent(), &pb.HandOffRequest{Name: take(t, town, "linked").GetName(), Unit: "U34", ThreeWay: true,
			Outcome: pb.Outcome_BOTH, Words: "三方通话内容"})
		if err != nil {
			t.Fatal(err)
		}
		ctx := tenants.With(context.Background(), tenants.System(city))
		before, err := town.Vault.Keyring(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := town.Vault.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := town.Casework.Reseal(ctx); err != nil {
			t.Fatal(err)
		}
		if err := town.Vault.Drop(ctx, before.Current()); err != nil {
			t.Fatal(err)
		}
		now := seen(t, town, handler(), o)
		if now.GetBrief().GetText() == "" || now.GetApplications()[0].GetEvidence().GetText() == "" {
			t.Errorf("after the change: %v, %v", now.GetBrief(), now.GetApplications())
		}
		if seen(t, town, agent(), linked).GetHandOffs()[0].GetWords().GetText() == "" {
			t.Error("the words of a hand-off are gone")
		}
		out, err := town.Casework.GetAttachment(agent(), &pb.GetAttachmentRequest{Name: o.GetAttachments()[0].GetName(), Reason: "核对现场情况"})
		if err != nil || !bytes.Equal(out.GetContent(), paper("kept")) {
			t.Errorf("after the change: %v", err)
		}
	})
}

func TestOnlyAFileMayBeLargeAtTheDoor(t *testing.T) {
	town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
	p, err := town.Stage.As(context.Background(), "agent."+city)
	if err != nil {
		t.Fatal(err)
	}
	o := take(t, town, "large")
	sent := base64.StdEncoding.EncodeToString(paper(strings.Repeat("x", 9<<20)))
	body := `{"title":"材料","content":"` + sent + `"}`
	if _, err := p.Raw(context.Background(), "POST", "/v1/"+o.GetName()+":attach", strings.NewReader(body)); err != nil {
		t.Errorf("a file of nine MiB: %v", err)
	}
	for verb, body := range map[string]string{":supplement": `{"facts":"` + sent + `"}`, ":attach": strings.Repeat(" ", 15<<20)} {
		_, err := p.Raw(context.Background(), "POST", "/v1/"+o.GetName()+verb, strings.NewReader(body))
		if no, ok := err.(*play.Refusal); !ok || no.Code != 413 {
			t.Errorf("%s: %v", verb, err)
		}
	}
	now := seen(t, town, agent(), o)
	raw, err := p.Raw(context.Background(), "GET", "/v1/"+now.GetAttachments()[0].GetName()+"?reason=see-the-place", nil)
	if err != nil || !bytes.Contains(raw, []byte(sent)) {
		t.Errorf("it does not come back whole: %v", err)
	}
}
