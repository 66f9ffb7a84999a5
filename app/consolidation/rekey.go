package consolidation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/keyproposal"
	"hotline/ent/listkey"
	"hotline/ent/listtrust"
	"hotline/ent/listversion"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// receiveKey takes in an act on the office's key. What the old key signed counts at once. A key that was founded anew, or whose old one has
// signed more here than it says, counts for each place that confirms its fingerprint; until one did, another such act may take its place.
func (s *Service) receiveKey(ctx context.Context, a *archive, signed []byte) error {
	k, err := VerifyKeyAct(signed)
	if err != nil {
		return refused("KEY_FORGED", "拒收密钥更换令：%s。", err)
	}
	here, err := s.here(ctx)
	if err != nil {
		return err
	}
	n := len(a.eras)
	if n == 0 {
		return refused("KEY_GAP", "这里还没有清单，请先收取到第 %d 版，再收密钥更换令。", k.After)
	}
	stands := n // keys that stay
	if k.Number >= 2 && k.Number <= n {
		there := a.eras[k.Number-1]
		switch {
		case there.act.Digest() == k.Digest():
			return nil
		case k.Number < n || !there.doubted || a.anybody(n, here):
			return refused("KEY_ROLLBACK", "拒收密钥更换令：这里已有第 %d 把密钥，已采用的密钥不能替换或退回。", k.Number)
		}
		stands = n - 1
	}
	if err := a.carriesOn(k, stands); err != nil {
		return err
	}
	doubted := k.Kind == refounded || len(a.chain(stands).versions) > k.After
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if stands < n {
			if err := s.forget(ctx, n); err != nil {
				return err
			}
		}
		return s.putKey(ctx, k, nil, doubted)
	})
	if err != nil {
		return err
	}
	_, err = s.fresh(ctx)
	return err
}

// forget takes away a key that nobody here ever trusted, and what it signed.
func (s *Service) forget(ctx context.Context, slot int) error {
	_, e1 := s.ent().ListVersion.Delete().Where(listversion.Slot(slot)).Exec(ctx)
	_, e2 := s.ent().ListTrust.Delete().Where(listtrust.Slot(slot)).Exec(ctx)
	_, e3 := s.ent().ListKey.Delete().Where(listkey.Slot(slot)).Exec(ctx)
	return errors.Join(e1, e2, e3)
}

func (s *Service) putKey(ctx context.Context, k *KeyAct, sealed []byte, doubted bool) error {
	create := s.ent().ListKey.Create().SetSlot(k.Number).SetPublic(k.New).SetAct(k.Bytes()).SetDoubted(doubted).SetCreatedAt(store.Now(ctx))
	if sealed != nil {
		create.SetSealed(sealed)
	}
	err := create.Exec(ctx)
	if ent.IsConstraintError(err) {
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("list key %d: %w", k.Number, err)
	}
	return nil
}

// ProposeKey (提议更换密钥) is the first person's part.
func (s *Service) ProposeKey(ctx context.Context, req *pb.ProposeKeyRequest) (out *pb.KeyProposal, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	if placeOf(ctx) != Office || len(a.whole().versions) == 0 {
		return nil, refused("NO_OFFICE_KEY", "本平台没有国务院办公厅的清单签名密钥，只能收取清单。")
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		open, err := s.ent().KeyProposal.Query().Where(keyproposal.Standing("open")).Exist(ctx)
		if err != nil {
			return fmt.Errorf("key proposals: %w", err)
		}
		if open {
			return refused("PROPOSAL_OPEN", "还有一件更换密钥的提议没有办结，请先由另一位同志办理或撤销它。")
		}
		n, err := s.ent().KeyProposal.Query().Count(ctx)
		if err != nil {
			return fmt.Errorf("key proposals: %w", err)
		}
		reason, err := reasonOf(req.GetReason())
		if err != nil {
			return err
		}
		row, err := s.ent().KeyProposal.Create().SetNumber(n + 1).SetSlot(len(a.eras) + 1).SetSuite(req.GetSuite()).SetLost(req.GetLost()).
			SetReason(reason).SetAuthor(tenants.From(ctx).Login).SetStanding("open").SetCreatedAt(store.Now(ctx)).Save(ctx)
		if ent.IsConstraintError(err) {
			return conflict()
		}
		if err != nil {
			return fmt.Errorf("key proposal: %w", err)
		}
		out = s.renderProposal(ctx, row)
		return s.record.Write(ctx, "list.propose_key", fmt.Sprintf("提议更换清单签名密钥（%s）：%s", kindTitles[kindOf(row)], row.Reason))
	})
	return out, err
}

// reasonOf is the reason as a line of the act, which nobody would take in with less.
func reasonOf(words string) (string, error) {
	reason := strings.Join(strings.Fields(privacy.Scrub(words)), " ")
	if n := utf8.RuneCountInString(reason); n < 4 || n > 400 || strings.ContainsFunc(reason, unicode.IsControl) {
		return "", invalid("reason", "请用四个字以上写明更换密钥的原因，写成一行。")
	}
	return reason, nil
}

var kindTitles = map[string]string{handover: "旧密钥交接", refounded: "旧密钥遗失，重立"}

func kindOf(p *ent.KeyProposal) string {
	if p.Lost {
		return refounded
	}
	return handover
}

func (s *Service) renderProposal(ctx context.Context, p *ent.KeyProposal) *pb.KeyProposal {
	out := &pb.KeyProposal{Name: fmt.Sprintf("tenants/%s/keyProposals/%d", p.Tenant, p.Number), Suite: p.Suite, Lost: p.Lost, Reason: p.Reason, Author: p.Author,
		Standing: p.Standing, DecidedBy: p.DecidedBy, CreateTime: timestamppb.New(p.CreatedAt)}
	if v := tenants.From(ctx); p.Standing == "open" && s.access.May(v.Roles(), "list", "replace_key") {
		out.Acts = []*pb.ListAct{listAct("replace", "更换密钥", mayReplace(p, v.Login)), listAct("drop", "撤销提议", nil)}
	}
	return out
}

func mayReplace(p *ent.KeyProposal, login string) error {
	if p.Author == login {
		return refused("SAME_PERSON", "这件提议是您提出的，请由另一位同志办理。")
	}
	return nil
}

// proposal finds an open one.
func (s *Service) proposal(ctx context.Context, name string) (*ent.KeyProposal, error) {
	p, err := s.ent().KeyProposal.Query().Where(keyproposal.Number(atoi(last(name)))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("key proposal: %w", err)
	}
	if p.Standing != "open" {
		return nil, refused("WRONG_STATE", "这件提议已经办结。")
	}
	return p, nil
}

func (s *Service) close(ctx context.Context, p *ent.KeyProposal, standing string) error {
	n, err := s.ent().KeyProposal.Update().Where(keyproposal.ID(p.ID), keyproposal.Standing("open")).SetStanding(standing).
		SetDecidedBy(tenants.From(ctx).Login).Save(ctx)
	if err != nil {
		return fmt.Errorf("key proposal: %w", err)
	}
	if n == 0 {
		return conflict()
	}
	p.Standing, p.DecidedBy = standing, tenants.From(ctx).Login
	return nil
}

// ReplaceKey (更换密钥) is the second person's part: it makes the new key, signs the act, and the old private half is no more.
func (s *Service) ReplaceKey(ctx context.Context, req *pb.KeyProposalActRequest) (*pb.ListKeysResponse, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	a, err := s.fresh(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		p, err := s.proposal(ctx, req.GetName())
		if err != nil {
			return err
		}
		if err := mayReplace(p, tenants.From(ctx).Login); err != nil {
			return err
		}
		if p.Slot != len(a.eras)+1 {
			return refused("WRONG_STATE", "提议之后密钥已经更换，请撤销后重新提议。")
		}
		if err := s.rekey(ctx, a, p); err != nil {
			return err
		}
		return s.close(ctx, p, "done")
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.fresh(ctx); err != nil {
		return nil, err
	}
	return s.ListKeys(ctx, &pb.ListKeysRequest{})
}

// HandOver (交接密钥) is the act of the operator who holds the present key: it signs for the new one, so one act is enough. What two people
// had proposed before is overtaken by it.
func (s *Service) HandOver(ctx context.Context, suite, words string) error {
	a, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	if _, err := s.office(ctx); err != nil {
		return err
	}
	reason, err := reasonOf(words)
	if err != nil {
		return err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		return s.rekey(ctx, a, &ent.KeyProposal{Slot: len(a.eras) + 1, Suite: suite, Reason: reason})
	})
	if err != nil {
		return err
	}
	_, err = s.fresh(ctx)
	return err
}

// rekey puts the new key in the old one's place, whose private half is no more.
func (s *Service) rekey(ctx context.Context, a *archive, p *ent.KeyProposal) error {
	n, err := s.ent().ListVersion.Query().Where(listversion.Slot(len(a.eras))).Count(ctx)
	if err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	if n != len(a.eras[len(a.eras)-1].versions) { // one went out meanwhile: the act would cut it off
		return conflict()
	}
	k, sealed, err := s.makeKey(ctx, a, p)
	if err != nil {
		return err
	}
	if err := s.putKey(ctx, k, sealed, p.Lost); err != nil {
		return err
	}
	if err := s.ent().ListKey.Update().Where(listkey.SlotLT(k.Number)).ClearSealed().Exec(ctx); err != nil {
		return fmt.Errorf("old list keys: %w", err)
	}
	if err := s.trust(ctx, k.Number, Office); err != nil {
		return err
	}
	return s.record.Write(ctx, "list.replace_key", fmt.Sprintf("更换清单签名密钥（%s），旧密钥签到第 %d 版：%s；新密钥指纹%s", kindTitles[k.Kind], k.After,
		k.Reason, Fingerprint(k.New)))
}

// makeKey makes the new key and the act, which the old one signs unless it is lost.
func (s *Service) makeKey(ctx context.Context, a *archive, p *ent.KeyProposal) (*KeyAct, []byte, error) {
	key, err := newKey(p.Suite)
	if err != nil {
		return nil, nil, err
	}
	m := a.whole()
	k := &KeyAct{Number: p.Slot, Kind: kindOf(p), After: m.newest().Version, Head: m.newest().Digest(), Moment: store.Now(ctx).Truncate(time.Second), Reason: p.Reason,
		Old: m.key, New: key.public}
	if before := a.eras[len(a.eras)-1]; before.act != nil {
		k.Previous = before.act.Digest()
	}
	if k.Proof, err = key.sign(k.body()); err != nil {
		return nil, nil, fmt.Errorf("sign the act: %w", err)
	}
	if !p.Lost {
		old, err := s.office(ctx)
		if err != nil {
			return nil, nil, refused("OLD_KEY_AWAY", "旧密钥不能签名：如已遗失或损坏，请撤销后以“遗失”重新提议。")
		}
		if k.Handed, err = old.sign(k.body()); err != nil {
			return nil, nil, fmt.Errorf("sign the act: %w", err)
		}
	}
	return k, s.opts.Seal(key.secret), nil
}

// DropKeyProposal (撤销更换提议) ends a proposal.
func (s *Service) DropKeyProposal(ctx context.Context, req *pb.KeyProposalActRequest) (out *pb.KeyProposal, err error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		p, err := s.proposal(ctx, req.GetName())
		if err != nil {
			return err
		}
		if err := s.close(ctx, p, "dropped"); err != nil {
			return err
		}
		out = s.renderProposal(ctx, p)
		return s.record.Write(ctx, "list.drop_key", "撤销更换清单签名密钥的提议："+p.Reason)
	})
	return out, err
}

// ListKeyProposals (更换提议列表) gives all of them, the newest first.
func (s *Service) ListKeyProposals(ctx context.Context, req *pb.ListKeyProposalsRequest) (*pb.ListKeyProposalsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	res := &pb.ListKeyProposalsResponse{}
	err := s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().KeyProposal.Query().Order(ent.Desc(keyproposal.FieldNumber)).Limit(200).All(ctx)
		for _, p := range rows {
			res.Proposals = append(res.Proposals, s.renderProposal(ctx, p))
		}
		return err
	})
	return res, err
}

func (s *Service) trust(ctx context.Context, slot int, place string) error {
	err := s.ent().ListTrust.Create().SetSlot(slot).SetPlace(place).SetBy(tenants.From(ctx).Login).SetCreatedAt(store.Now(ctx)).
		OnConflictColumns(listtrust.FieldSlot, listtrust.FieldPlace).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("confirm key: %w", err)
	}
	return nil
}

// ConfirmKey (确认密钥) is the word of a place that it has the new key's fingerprint by another way. The platform doesn't show the fingerprint
// before, so that nobody copies it from the screen.
func (s *Service) ConfirmKey(ctx context.Context, req *pb.ConfirmKeyRequest) (*pb.ListKeysResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	if err := s.TrustKey(ctx, req.GetFingerprint()); err != nil {
		return nil, err
	}
	return s.ListKeys(ctx, &pb.ListKeysRequest{})
}

// TrustKey confirms a key for the viewer's place, and those before it that nobody vouched for.
func (s *Service) TrustKey(ctx context.Context, fingerprint string) error {
	a, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	level := a.level(placeOf(ctx))
	if level == len(a.eras) {
		return refused("NOTHING_TO_CONFIRM", "没有待确认的清单签名密钥。")
	}
	said := strings.ToLower(strings.Join(strings.FieldsFunc(fingerprint, func(r rune) bool { return r == ' ' || r == '-' || r == ':' }), ""))
	slot := 0
	for i := level; i < len(a.eras); i++ {
		if Fingerprint(a.eras[i].public) == said {
			slot = i + 1
		}
	}
	if slot == 0 {
		err := s.db.Do(ctx, func(ctx context.Context) error {
			return s.record.Write(ctx, "list.confirm_key", "核对清单签名密钥：指纹不符，未采用")
		})
		return errors.Join(err, refused("FINGERPRINT_DIFFERS", "您得到的指纹与收到的新密钥不符：请勿采用，并立即以电话或公文与国务院办公厅核实。"))
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		for i := level; i < slot; i++ {
			if a.eras[i].doubted {
				if err := s.trust(ctx, i+1, placeOf(ctx)); err != nil {
					return err
				}
			}
		}
		if m := a.chain(slot); isCity(placeOf(ctx)) && m.newest().Version > a.eras[slot-1].act.After {
			me := placeOf(ctx)
			if err := s.deliver(ctx, m.newest(), func(city string) bool { return city == me }); err != nil {
				return err
			}
		}
		return s.record.Write(ctx, "list.confirm_key", fmt.Sprintf("核对并确认第 %d 把清单签名密钥，指纹%s", slot, said))
	})
	if err != nil {
		return err
	}
	_, err = s.fresh(ctx)
	return err
}

var keyStandings = map[string]string{"trusted": "现用", "unconfirmed": "待核对指纹", "replaced": "已更换"}

// ListKeys (清单签名密钥) tells which key signed which versions.
func (s *Service) ListKeys(ctx context.Context, _ *pb.ListKeysRequest) (*pb.ListKeysResponse, error) {
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	level := a.level(placeOf(ctx))
	res := &pb.ListKeysResponse{}
	for i, e := range a.eras {
		k := &pb.SigningKey{Number: int32(i + 1), FromVersion: 1, Standing: "trusted"}
		if e.act != nil {
			k.FromVersion, k.Kind, k.Reason, k.ReplaceTime = int32(e.act.After+1), e.act.Kind, e.act.Reason, timestamppb.New(e.act.Moment)
		}
		switch {
		case i >= level:
			k.Standing = "unconfirmed"
		case i+1 < level:
			k.Standing, k.ToVersion = "replaced", int32(a.eras[i+1].act.After)
		}
		if k.StandingTitle = keyStandings[k.GetStanding()]; i < level {
			k.Key, k.Fingerprint = e.public, Fingerprint(e.public)
			if e.act != nil {
				k.Act = e.act.raw
			}
		}
		if e.doubted && placeOf(ctx) == Office {
			if k.Unconfirmed, err = s.unconfirmed(ctx, a, i+1); err != nil {
				return nil, err
			}
		}
		res.Keys = append(res.Keys, k)
	}
	return res, nil
}

// ListPlaceKeys (本单位所知密钥) is ListKeys for who works somewhere: whoever is nobody is shown what all cities here trust.
func (s *Service) ListPlaceKeys(ctx context.Context, req *pb.ListPlaceKeysRequest) (*pb.ListKeysResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	return s.ListKeys(ctx, &pb.ListKeysRequest{})
}

// unconfirmed are the cities that have yet to confirm a key, here and elsewhere.
func (s *Service) unconfirmed(ctx context.Context, a *archive, slot int) (out []string, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		r, err := s.reach(ctx)
		if err != nil {
			return err
		}
		for _, c := range r.cities {
			if !a.trusts[slot][c.Code] {
				out = append(out, c.Code)
			}
		}
		return nil
	})
	return out, err
}
