package consolidation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	pb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house/housetest"
	"hotline/tenants"
)

// replaced lets two people of the office replace its key, and gives the act.
func replaced(t testing.TB, town *housetest.Town, suite string, lost bool) *consolidation.KeyAct {
	t.Helper()
	c, one, two := town.Consolidation, as(office, "central_admin"), as(office, "central_admin2")
	p := must[*pb.KeyProposal](t)(c.ProposeKey(one, &pb.ProposeKeyRequest{Parent: "tenants/" + office, Suite: suite, Lost: lost, Reason: "年度例行更换"}))
	_, err := c.ReplaceKey(one, &pb.KeyProposalActRequest{Name: p.GetName()})
	wants(t, err, "SAME_PERSON", "请由另一位同志办理")
	must[*pb.ListKeysResponse](t)(c.ReplaceKey(two, &pb.KeyProposalActRequest{Name: p.GetName()}))
	_, err = c.ReplaceKey(two, &pb.KeyProposalActRequest{Name: p.GetName()})
	wants(t, err, "WRONG_STATE", "已经办结")
	acts := must[[][]byte](t)(c.KeyActs(context.Background()))
	return must[*consolidation.KeyAct](t)(consolidation.VerifyKeyAct(acts[len(acts)-1]))
}

// officeAnd are the office and a deployment of others, both with version 1.
func officeAnd(t *testing.T) (centre, far *housetest.Town) {
	t.Helper()
	towns := apart(t, 2)
	if err := towns[0].Consolidation.FoundOffice(context.Background(), "sm"); err != nil {
		t.Fatal(err)
	}
	brought(t, towns[1], document(t, towns[0], 1))
	return towns[0], towns[1]
}

func document(t testing.TB, town *housetest.Town, version int) []byte {
	t.Helper()
	return must[[][]byte](t)(town.Consolidation.Documents(context.Background(), version-1))[0]
}

func brought(t testing.TB, to *housetest.Town, raws ...[]byte) {
	t.Helper()
	for _, raw := range raws {
		if err := to.Consolidation.Receive(context.Background(), raw); err != nil {
			t.Fatal(err)
		}
	}
}

func seesVersion(t testing.TB, town *housetest.Town, who context.Context) int32 {
	t.Helper()
	return must[*pb.List](t)(town.Consolidation.GetList(on(who, "2026-12-20"), &pb.GetListRequest{})).GetVersion()
}

func TestTheOldKeyHandsOverToTheNewOneAndSignsNothingAnyMore(t *testing.T) {
	t.Parallel()
	centre, far := officeAnd(t)
	ctx := context.Background()
	thief := must[*consolidation.Thief](t)(centre.Consolidation.Steal(ctx))
	act := replaced(t, centre, "aes", false)
	publish(t, centre, "2026-12-01", promoted())
	second := document(t, centre, 2)

	wants(t, far.Consolidation.Receive(ctx, second), "LIST_FORGED", "签名不对") // it knows the old key alone
	third := *act
	third.Number, third.Old, third.Previous = 3, act.New, act.Digest()
	wants(t, far.Consolidation.Receive(ctx, must[*consolidation.Thief](t)(consolidation.Forge("sm")).Act(third, must[*consolidation.Thief](t)(centre.Consolidation.Steal(ctx)))),
		"KEY_GAP", "请先收取第 2 号更换令")
	brought(t, far, act.Bytes(), act.Bytes(), second, act.Bytes(), second) // also twice
	if v := seesVersion(t, far, as(beijing, "agent")); v != 2 {
		t.Errorf("the city sees version %d", v)
	}
	first := must[*consolidation.Document](t)(consolidation.Parse(document(t, centre, 1)))
	for name, after := range map[string][]byte{"in the place of a version": document(t, centre, 1), "as the next version": second} {
		d := must[*consolidation.Document](t)(consolidation.Parse(after))
		forged := thief.List(d, func(d *consolidation.Document) { d.Title = "冒名清单" })
		for _, town := range []*housetest.Town{far, centre} {
			err := town.Consolidation.Receive(ctx, forged)
			wants(t, err, "LIST_KEY_REPLACED", "旧密钥只签到第 1 版")
			if err == nil {
				t.Error(name)
			}
		}
	}
	other := consolidation.KeyAct{Number: 2, Kind: "handover", After: 1, Head: first.Digest(), Moment: time.Unix(1_780_000_000, 0), Reason: "冒名更换", Old: thief.Public()}
	rogue := must[*consolidation.Thief](t)(consolidation.Forge("aes")).Act(other, thief)
	wants(t, far.Consolidation.Receive(ctx, rogue), "KEY_ROLLBACK", "不能替换或退回")
	back := *act // the old key once more
	back.Number, back.Old, back.Previous, back.After = 3, act.New, act.Digest(), 2
	back.Head = must[*consolidation.Document](t)(consolidation.Parse(second)).Digest()
	wants(t, far.Consolidation.Receive(ctx, thief.Act(back, must[*consolidation.Thief](t)(centre.Consolidation.Steal(ctx)))), "KEY_FORGED", "换下的密钥不能再用")

	keys := must[*pb.ListKeysResponse](t)(far.Consolidation.ListKeys(as(beijing, "agent"), &pb.ListKeysRequest{})).GetKeys()
	if len(keys) != 2 || keys[0].GetStanding() != "replaced" || keys[0].GetToVersion() != 1 || keys[1].GetFromVersion() != 2 || keys[1].GetStanding() != "trusted" ||
		keys[1].GetKind() != "handover" || keys[1].GetReason() != "年度例行更换" || !bytes.Equal(keys[1].GetAct(), act.Bytes()) {
		t.Errorf("the history of keys: %v", keys)
	}
	versions := must[*pb.ListVersionsResponse](t)(far.Consolidation.ListVersions(as(beijing, "agent"), &pb.ListVersionsRequest{})).GetVersions()
	if versions[1].GetKey() != keys[0].GetKey() || versions[0].GetKey() != keys[1].GetKey() || !strings.HasPrefix(versions[0].GetKey(), "ed25519:") {
		t.Errorf("which key signed which version: %s, %s", versions[1].GetKey(), versions[0].GetKey())
	}
}

func TestAnActOnTheKeyThatWasTamperedWithIsRefused(t *testing.T) {
	t.Parallel()
	centre, far := officeAnd(t)
	act := replaced(t, centre, "sm", false).Bytes()
	lines := strings.Split(string(act), "\n")
	for i, line := range lines[:len(lines)-1] {
		for name, changed := range map[string]string{"changed": line[:len(line)-1] + string(line[len(line)-1]^1), "gone": "", "longer": line + "x"} {
			forged := slices.Clone(lines)
			if forged[i] = changed; changed == "" {
				forged = slices.Delete(forged, i, i+1)
			}
			err := far.Consolidation.Receive(context.Background(), []byte(strings.Join(forged, "\n")))
			if err == nil {
				t.Errorf("line %d, %s: taken", i, name)
			}
		}
	}
	brought(t, far, act)
	again := housetest.Reopen(t, far.URL, far.Master, far.Blobs, t.Output()) // another process on the database believes what verifies
	keys := must[*pb.ListKeysResponse](t)(again.Consolidation.ListKeys(as(beijing, "agent"), &pb.ListKeysRequest{})).GetKeys()
	if len(keys) != 2 || keys[1].GetKey() != must[*consolidation.KeyAct](t)(consolidation.VerifyKeyAct(act)).New {
		t.Errorf("another process knows %v", keys)
	}
}

func TestAKeyThatWasFoundedAnewCountsForEachPlaceThatConfirmedItsFingerprint(t *testing.T) {
	t.Parallel()
	centre, far := officeAnd(t)
	ctx := context.Background()
	act := replaced(t, centre, "sm", true)
	publish(t, centre, "2026-12-01", promoted())
	if v := seesVersion(t, centre, as(office, "central_admin")); v != 2 {
		t.Errorf("the office itself sees version %d", v)
	}
	if v := seesVersion(t, centre, as(beijing, "agent")); v != 1 {
		t.Errorf("a city of the office's own deployment sees version %d before it confirmed", v)
	}
	brought(t, far, act.Bytes(), document(t, centre, 2))
	admin, nobody := as(beijing, "city_admin"), context.Background()
	keys := func(who context.Context) *pb.SigningKey {
		t.Helper()
		all := must[*pb.ListKeysResponse](t)(far.Consolidation.ListKeys(who, &pb.ListKeysRequest{})).GetKeys()
		return all[len(all)-1]
	}
	if k := keys(admin); k.GetStanding() != "unconfirmed" || k.GetFingerprint() != "" || k.GetKey() != "" || k.GetAct() != nil || k.GetReason() == "" {
		t.Errorf("before: %v", k)
	}
	confirm := func(city, fingerprint string) error {
		_, err := far.Consolidation.ConfirmKey(as(city, "city_admin"), &pb.ConfirmKeyRequest{Parent: "tenants/" + city, Fingerprint: fingerprint})
		return err
	}
	right := consolidation.Fingerprint(act.New)
	wants(t, confirm(beijing, consolidation.Fingerprint(act.Old)), "FINGERPRINT_DIFFERS", "请勿采用")
	if v := seesVersion(t, far, admin); v != 1 {
		t.Errorf("version %d counts with the wrong fingerprint", v)
	}
	spoken := strings.ToUpper(right[:32]) + " " + right[32:48] + "-" + right[48:]
	if err := confirm(beijing, spoken); err != nil {
		t.Fatal(err)
	}
	wants(t, confirm(beijing, right), "NOTHING_TO_CONFIRM", "没有待确认")
	for who, want := range map[context.Context]int32{admin: 2, as(nanjing, "agent"): 1, nobody: 1} {
		if v := seesVersion(t, far, who); v != want {
			t.Errorf("%s sees version %d", placeOf(who), v)
		}
	}
	if k := keys(admin); k.GetStanding() != "trusted" || k.GetFingerprint() != right {
		t.Errorf("after: %v", k)
	}
	var report consolidation.Report
	for city, want := range map[string]int{beijing: 2, nanjing: 1} { // who did not confirm has not received it
		if err := json.Unmarshal(must[map[string][]byte](t)(far.Consolidation.Reports(ctx, city, nil))[office], &report); err != nil || report.Taken.Version != want {
			t.Errorf("%s says %v, %v", city, report.Taken, err)
		}
	}
	for _, city := range citiesOf(t, far) {
		if city == beijing {
			continue
		}
		if seesVersion(t, far, nobody) != 1 {
			t.Fatalf("everybody sees it before %s confirmed", city)
		}
		if err := confirm(city, right); err != nil {
			t.Fatal(err)
		}
	}
	if v := seesVersion(t, far, nobody); v != 2 {
		t.Errorf("when all cities confirmed, everybody sees version %d", v)
	}
}

// citiesOf are the cities of a deployment.
func citiesOf(t testing.TB, town *housetest.Town) (codes []string) {
	t.Helper()
	for code := range must[map[string]string](t)(town.Consolidation.ReportMarks(context.Background())) {
		codes = append(codes, code)
	}
	return codes
}

func placeOf(ctx context.Context) string {
	if v := tenants.From(ctx); v != nil {
		return v.Tenant
	}
	return "nobody"
}

func TestWhatAThiefSignedWithTheLostKeyGivesWayToTheKeyThatWasConfirmed(t *testing.T) {
	t.Parallel()
	centre, far := officeAnd(t)
	ctx := context.Background()
	thief := must[*consolidation.Thief](t)(centre.Consolidation.Steal(ctx))
	first := must[*consolidation.Document](t)(consolidation.Parse(document(t, centre, 1)))
	forged := thief.List(first, func(d *consolidation.Document) { d.Title = "冒名清单" })
	brought(t, far, forged) // nobody can tell yet
	bogus := consolidation.KeyAct{Number: 2, Kind: "refounded", After: 1, Head: first.Digest(), Moment: time.Unix(1_780_000_000, 0), Reason: "冒名重立", Old: thief.Public()}
	brought(t, far, must[*consolidation.Thief](t)(consolidation.Forge("aes")).Act(bogus, nil)) // and a key of their own
	act := replaced(t, centre, "aes", true)
	publish(t, centre, "2026-12-01", promoted())
	brought(t, far, act.Bytes(), document(t, centre, 2)) // takes the place of the thief's, which nobody confirmed
	title := func(city string) string {
		t.Helper()
		return must[*pb.List](t)(far.Consolidation.GetList(on(as(city, "agent"), "2026-12-20"), &pb.GetListRequest{})).GetTitle()
	}
	must[*pb.ListKeysResponse](t)(far.Consolidation.ConfirmKey(as(beijing, "city_admin"), &pb.ConfirmKeyRequest{Parent: "tenants/" + beijing, Fingerprint: consolidation.Fingerprint(act.New)}))
	if title(beijing) == "冒名清单" || title(nanjing) != "冒名清单" {
		t.Errorf("北京 sees %s, 南京, which did not confirm, %s", title(beijing), title(nanjing))
	}
	wants(t, far.Consolidation.Receive(ctx, must[*consolidation.Thief](t)(consolidation.Forge("aes")).Act(bogus, nil)), "KEY_ROLLBACK", "不能替换或退回")
	d := must[*consolidation.Document](t)(consolidation.Parse(forged))
	wants(t, far.Consolidation.Receive(ctx, thief.List(d, func(*consolidation.Document) {})), "LIST_KEY_REPLACED", "旧密钥只签到第 1 版")
}

// An act that the old key signed counts at once, unless the old key has signed more here than the act says: then somebody else has it too.
func TestAHandoverThatDoesNotKnowWhatLiesHereIsDoubted(t *testing.T) {
	t.Parallel()
	centre, far := officeAnd(t)
	thief := must[*consolidation.Thief](t)(centre.Consolidation.Steal(context.Background()))
	first := must[*consolidation.Document](t)(consolidation.Parse(document(t, centre, 1)))
	brought(t, far, thief.List(first, func(d *consolidation.Document) { d.Title = "冒名清单" }))
	act := replaced(t, centre, "sm", false)
	brought(t, far, act.Bytes())
	keys := must[*pb.ListKeysResponse](t)(far.Consolidation.ListKeys(as(beijing, "city_admin"), &pb.ListKeysRequest{})).GetKeys()
	if len(keys) != 2 || keys[1].GetStanding() != "unconfirmed" {
		t.Errorf("%v", keys)
	}
}

func TestAKeyThatIsHandedOverBesideAPublicationCutsNoVersionOff(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		one := on(as(office, "central_admin"), "2026-12-01")
		late := must[func(context.Context) error](t)(town.Consolidation.Late(one))
		published := publish(t, town, "2026-12-01", promoted())
		wants(t, late(one), "CONFLICT", "刚刚被他人更新")
		if v := seesVersion(t, town, as(beijing, "agent")); v != published.GetVersion() {
			t.Errorf("the city sees version %d", v)
		}
		if err := must[func(context.Context) error](t)(town.Consolidation.Late(one))(one); err != nil {
			t.Error(err)
		}
	})
}

func TestAListThatIsOutIsNotRevoked(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		one := on(as(office, "central_admin"), "2026-12-01")
		d := signed(t, town, "2026-12-01", promoted())
		must[*pb.List](t)(town.Consolidation.Publish(one, &pb.DraftActRequest{Name: d.GetName()}))
		err := town.Store.Do(one, func(ctx context.Context) error { // it stopped before the draft learned of it
			return town.Store.Ent.ListDraft.Update().SetStanding("publishing").Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = town.Consolidation.Drop(one, &pb.DraftActRequest{Name: d.GetName()})
		wants(t, err, "PUBLISHING", "请再次发布以完成")
		must[*pb.List](t)(town.Consolidation.Publish(one, &pb.DraftActRequest{Name: d.GetName()}))
	})
}

func TestOnlyTheOfficeReplacesTheKeyAndOnlyWithTheOldOneOrAsLost(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, one := town.Consolidation, as(office, "central_admin")
		_, err := c.ProposeKey(as(beijing, "city_admin"), &pb.ProposeKeyRequest{Parent: "tenants/" + beijing, Suite: "sm", Reason: "试一试"})
		wants(t, err, "NO_OFFICE_KEY", "只能收取清单")
		p := must[*pb.KeyProposal](t)(c.ProposeKey(one, &pb.ProposeKeyRequest{Parent: "tenants/" + office, Suite: "sm", Reason: "年度例行更换"}))
		_, err = c.ProposeKey(one, &pb.ProposeKeyRequest{Parent: "tenants/" + office, Suite: "sm", Reason: "再提一次"})
		wants(t, err, "PROPOSAL_OPEN", "没有办结")
		for _, short := range []string{"换      吧", "换钥匙\x01了"} { // nobody would take in such an act
			wants(t, c.HandOver(one, "sm", short), "INVALID_ARGUMENT", "四个字以上")
		}
		must[*pb.KeyProposal](t)(c.DropKeyProposal(one, &pb.KeyProposalActRequest{Name: p.GetName()}))
		_, err = c.ProposeKey(one, &pb.ProposeKeyRequest{Parent: "tenants/" + office, Suite: "sm", Reason: "换      吧"})
		wants(t, err, "INVALID_ARGUMENT", "四个字以上")
		d := signed(t, town, "2026-12-01", promoted()) // signed, and not published when the key changes
		replaced(t, town, "sm", false)
		_, err = c.Publish(on(one, "2026-12-01"), &pb.DraftActRequest{Name: d.GetName()})
		wants(t, err, "LIST_KEY_REPLACED", "旧密钥")
		must[*pb.ListDraft](t)(c.Drop(on(one, "2026-12-01"), &pb.DraftActRequest{Name: d.GetName()}))
		publish(t, town, "2026-12-01", promoted())
		for range 2 {
			replaced(t, town, "aes", false)
		}
		res := must[*pb.ListKeysResponse](t)(c.ListKeys(one, &pb.ListKeysRequest{}))
		var spans []string
		for _, k := range res.GetKeys() {
			spans = append(spans, fmt.Sprintf("%d-%d", k.GetFromVersion(), k.GetToVersion()))
		}
		if strings.Join(spans, " ") != "1-1 2-2 3-2 3-0" { // the third signed nothing
			t.Errorf("%v", spans)
		}
		if len(must[*pb.ListKeyProposalsResponse](t)(c.ListKeyProposals(one, &pb.ListKeyProposalsRequest{Parent: "tenants/" + office})).GetProposals()) != 4 {
			t.Error("not all proposals are there")
		}
	})
}
