package crossing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

// informer is what tells who reported: the person, and words and places by which the reported would know them.
var informer = []string{plantedName, plantedPhone, plantedHome, plantedWords, "我是那家饭馆的后厨", "110101190001010011"}

func TestWhoReportedIsKnownInNoOtherCityAndInNoLedger(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		w := p.takenBy(beijing, "", func(r *nation.Request) {
			planted(r)
			r.Kind, r.Confidential, r.Title = "report", true, "我是那家饭馆的后厨，"+plantedWords
		})
		p.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: plantedName + "拍的照片", Content: pdf(1)})
		in := cold(tianjin)
		in.Done = "已与" + plantedName + plantedPhone + "联系"
		p.refused("NO_BRIEF", "dispatcher.110000", w.Order.GetName(), "transfer", in)
		in.Brief = plantedName + "反映某饭馆后厨卫生差，请核查。"
		home := p.as("dispatcher.110000", w.Order.GetName(), "transfer", in)
		first := p.coming(tianjin, home.GetNumber())
		p.as("dispatcher.120000", first.GetName(), "decline", declining(shijiazhuang))
		p.stands(beijing, home.GetNumber(), "declined")
		in.Target, in.Brief = shijiazhuang, "" // what was written for the first serves the second
		p.as("dispatcher.110000", home.GetName(), "transfer", in)
		there := p.coming(shijiazhuang, home.GetNumber())
		p.as("dispatcher.130100", there.GetName(), "accept", &pb.AcceptRequest{})
		p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
		p.citizen(w, "add", &pb.AddRequest{Code: w.Code, Facts: "我是那家饭馆的后厨，电话" + plantedPhone})
		p.citizen(w, "addFile", &pb.AddFileRequest{Code: w.Code, Title: "又一张", Content: pdf(2)})
		p.settle("the supplement has come", func() bool {
			p.last = p.history("dispatcher.130100", there.GetName())
			return strings.Contains(p.last, "诉求人补充了情况，可能透露其身份，请与转出城市联系。")
		})
		for city, o := range map[string]*pb.WorkOrder{tianjin: first, shijiazhuang: there} {
			o = p.get("dispatcher."+city, o.GetName())
			if o.GetKind() != pb.Kind_REPORT || !o.GetConfidential() || !o.GetPetitioner().GetAnonymous() || len(o.GetAttachments()) != 0 {
				t.Errorf("%s has %v", city, o)
			}
			p.contains(o.GetBody().GetText()+plain(t, p.towns[city], city, o), "反映某饭馆后厨卫生差，请核查。")
			// Everything that the city could bring into the open by its own keys, as its people read it and as it lies in its database.
			everything := fmt.Sprint(o) + p.history("dispatcher."+city, o.GetName()) + plain(t, p.towns[city], city, o) + p.acts(city, home.GetNumber()) +
				dump(t, p.towns[city].URL, city) + p.logs[city].String()
			for _, v := range informer {
				if strings.Contains(everything, v) {
					t.Errorf("%s has %s", city, v)
				}
			}
		}
		for city, n := range p.nodes {
			for _, at := range p.finds(n.Conf.Folder) {
				t.Errorf("the ledger of %s: %s", city, at)
			}
		}
		// At home the auditor finds who opened the informer's words for the other city: nobody.
		var readings pb.ListReadingsResponse
		if err := p.person("auditor.110000").Do(context.Background(), "GET", "/v1/"+home.GetName()+"/readings", nil, &readings); err != nil {
			t.Fatal(err)
		}
		for _, r := range readings.GetReadings() {
			if strings.Contains(fmt.Sprint(r), "转办") && strings.Contains(fmt.Sprint(r), "petitioner") {
				t.Errorf("the informer was opened: %v", r)
			}
		}
		work(p.story, there)
		p.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		p.as("callback_agent.110000", home.GetName(), "callback", solved())
		p.until("dispatcher.130100", there.GetName(), pb.State_CLOSED)
	})
}

// acts is all that a city's people read of a transfer, the words sealed to it included.
func (p *places) acts(city, number string) string {
	p.t.Helper()
	var one pb.Transfer
	if err := p.person("dispatcher."+city).Do(context.Background(), "GET", "/v1/"+p.transfer(city, number).GetName(), nil, &one); err != nil {
		p.t.Fatal(err)
	}
	return one.String()
}
