package crossing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

func pdf(n int) []byte {
	return []byte(fmt.Sprintf("%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 %d]>>endobj\ntrailer<</Root 1 0 R>>\n%%%%EOF\n", n))
}

// citizen does a verb at the citizen's own door.
func (s *story) citizen(w *play.Walk, verb string, in proto.Message) {
	s.t.Helper()
	_, err := play.Post[pb.Petition](context.Background(), s.stage[w.Sample.City].Nobody(), "/v1/tenants/"+w.Sample.City+"/petitions/"+w.Order.GetNumber()+":"+verb, in)
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestWhatTheCitizenSaysLaterReachesTheCityThatHasTheCase(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		jobs(t, town)
		w := s.taken(beijing)
		s.citizen(w, "add", &pb.AddRequest{Code: w.Code, Facts: "转办之前补充：门牌是甲三号。"})
		home, there := accepted(s, w, cold(tianjin))
		s.citizen(w, "add", &pb.AddRequest{Code: w.Code, Facts: "转办之后补充：夜间更严重。"})
		s.citizen(w, "urge", &pb.UrgeRequest{Code: w.Code})
		s.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: "照片", Content: pdf(1)})
		s.settle("all of it is there", func() bool {
			s.last = s.history("dispatcher.120000", there.GetName())
			return strings.Contains(s.last, "夜间更严重") && strings.Contains(s.last, "催办") && strings.Contains(s.last, "补充附件")
		})
		opensFile(s, there, pdf(1))
		s.contains(fmt.Sprint(s.get("dispatcher.120000", there.GetName())), "门牌是甲三号")
		if home.GetTransfer().GetConsent() != true {
			t.Error("the consent is not recorded")
		}
	})
}

// plain is what a city holds of an order in the clear, by its own keys.
func plain(t *testing.T, town *housetest.Town, city string, o *pb.WorkOrder) string {
	t.Helper()
	viewer := &tenants.Viewer{Login: "supervisor." + city, Tenant: city, Posts: []tenants.Post{{Role: tenants.Supervisor}}}
	text := ""
	for _, field := range []string{"petitioner.name", "petitioner.phone", "petitioner.address", "words", "body", "location"} {
		out, err := town.Casework.Reveal(tenants.With(context.Background(), viewer), &pb.RevealRequest{Name: o.GetName(), Fields: []string{field}, Reason: "核对转办内容"})
		if err == nil {
			text += fmt.Sprint(out)
		}
	}
	return text
}

func TestWithoutConsentAndInConfidenceTheCaseGoesWithoutWhoTheCitizenIs(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		jobs(t, town)
		for name, confidential := range map[string]bool{"no consent": false, "confidential": true} {
			w := s.takenBy(beijing, name, func(r *nation.Request) { planted(r); r.Confidential = confidential })
			s.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: "我的材料", Content: pdf(2)})
			in := cold(tianjin)
			in.Consent, in.Done = confidential, "已与"+plantedName+plantedPhone+"联系" // asked for or not: what is confidential stays so
			home, there := accepted(s, w, in)
			if home.GetTransfer().GetConsent() || home.GetTransfer().GetCallsBack() != pb.CallsBack_ORIGIN {
				t.Errorf("%s: %v", name, home.GetTransfer())
			}
			s.citizen(w, "add", &pb.AddRequest{Code: w.Code, Facts: "我" + plantedName + "补充：电话" + plantedPhone})
			s.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: "又一份", Content: pdf(3)})
			s.settle("the supplement has come", func() bool {
				s.last = s.history("dispatcher.120000", there.GetName())
				return strings.Contains(s.last, "补充情况")
			})
			there = s.get("dispatcher.120000", there.GetName())
			if len(there.GetAttachments()) != 0 || !there.GetPetitioner().GetAnonymous() {
				t.Errorf("%s: files %v, petitioner %v", name, there.GetAttachments(), there.GetPetitioner())
			}
			for _, v := range []string{plantedName, plantedPhone} {
				if strings.Contains(plain(t, town, tianjin, there)+s.last+fmt.Sprint(there), v) {
					t.Errorf("%s: the other city has %s", name, v)
				}
			}
			finishFromHome(s, home, there)
		}
		w := s.takenBy(beijing, "agreed", planted)
		_, there := accepted(s, w, cold(tianjin))
		s.contains(plain(t, town, tianjin, there), plantedPhone, plantedWords)
	})
}

// finishFromHome lets the other city handle and the origin call back.
func finishFromHome(s *story, home, there *pb.WorkOrder) {
	s.t.Helper()
	work(s, there)
	s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
	s.as("callback_agent.110000", home.GetName(), "callback", solved())
	s.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
}

func TestTheLongestCaseStillFitsIntoTheLedger(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.takenBy(beijing, "", func(r *nation.Request) {
			r.Transcript, r.Body = strings.Repeat("诉求原文。", 4000), strings.Repeat("诉求内容。", 2000)
		})
		s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there := s.coming(tianjin, w.Order.GetNumber())
		s.contains(fmt.Sprint(there), "其余请向转出城市索取")
	})
}

func TestAQuestionToTheCitizenIsReadAtHomeAndOnlyTheirAnswerEndsTheWaiting(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.takenBy(beijing, "", planted)
		_, there := accepted(s, w, cold(tianjin))
		s.as("dispatcher.120000", there.GetName(), "dispatch", &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请依法依规办理。"})
		s.as("u02.120000", there.GetName(), "sign", &pb.SignRequest{})
		s.as("u02.120000", there.GetName(), "await", &pb.AwaitRequest{Question: "请" + plantedName + "说明路灯的位置，可致电" + plantedPhone})
		s.settle("the citizen reads the question by their own number", func() bool {
			got, err := s.stage[beijing].Track(context.Background(), w)
			s.last = fmt.Sprint(got, err)
			return strings.Contains(s.last, "请您补充：") && strings.Contains(s.last, "说明路灯的位置")
		})
		if strings.Contains(s.last, plantedPhone) {
			t.Errorf("the citizen's page shows %s", s.last)
		}
		s.citizen(w, "urge", &pb.UrgeRequest{Code: w.Code})
		s.settle("the urge has come", func() bool {
			return strings.Contains(s.history("dispatcher.120000", there.GetName()), "诉求人催办")
		})
		s.refused("ALREADY_AWAITING", "u02.120000", there.GetName(), "await", &pb.AwaitRequest{Question: "请说明路灯的编号"})
		s.citizen(w, "add", &pb.AddRequest{Code: w.Code, Facts: "在北苑路口东南角。"})
		s.settle("the answer has come", func() bool {
			return strings.Contains(s.history("dispatcher.120000", there.GetName()), "北苑路口东南角")
		})
		s.as("u02.120000", there.GetName(), "await", &pb.AwaitRequest{Question: "请说明路灯的编号"})
	})
}

func TestNoPacketThatNobodyWaitsForWritesOverWhatAUnitWorksBy(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, there := accepted(s, s.takenBy(beijing, "", planted), cold(tianjin))
		one := s.transfer(beijing, home.GetNumber())
		facts := func(title string) *pb.Facts {
			return &pb.Facts{Kind: pb.Kind_HELP, Category: "1203", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_PHONE, Title: title, Body: "别处的另一件事",
				Words: "别处的另一件事", Caller: &pb.Caller{Name: "他人", Phone: "13900000000"}}
		}
		sends := func(sequence uint64, f *pb.Facts) {
			t.Helper()
			id := &federationv1.TransferId{Origin: beijing, Number: uint64(one.GetNumber())}
			box, err := town.Crossing.SealAt(region, beijing, tianjin, id, sequence, &pb.Content{Packet: &pb.Packet{Facts: f}})
			if err != nil {
				t.Fatal(err)
			}
			result, err := town.Crossing.Rogue(in(beijing), region, &federationv1.Command{Transfer: id, Sequence: sequence,
				Act: &federationv1.Command_Supplement{Supplement: &federationv1.Supplement{Sealed: []*federationv1.Sealed{box}}}})
			if err != nil || result.Refusal() != nil {
				t.Fatal(result, err)
			}
		}
		next := town.Crossing.Region(region).Ledger().Transfer(beijing, uint64(one.GetNumber())).GetSequence() + 1
		sends(next, facts("占道经营"))
		sends(next+1, &pb.Facts{Title: strings.Repeat("长", 9000)})
		s.settle("both have come", func() bool {
			s.last = s.history("dispatcher.120000", there.GetName())
			return strings.Count(s.last, "补充情况") == 2 && strings.Contains(s.last, "别处的另一件事")
		})
		got := s.get("dispatcher.120000", there.GetName())
		text := plain(t, town, tianjin, got)
		if got.GetTitle() != there.GetTitle() || got.GetConfidential() != there.GetConfidential() || strings.Contains(text, "别处的另一件事") || strings.Contains(text, "13900000000") {
			t.Errorf("the order became %v", got)
		}
		s.contains(text, plantedPhone, plantedWords)
	})
}
