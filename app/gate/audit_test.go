package gate

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"google.golang.org/grpc/metadata"

	caseworkpb "hotline/api/casework/v1"
)

func TestTheLogTellsWhoDidWhatAndNothingPersonal(t *testing.T) {
	h := open(t)
	name := "张三丰"
	client := caseworkpb.NewWorkOrdersClient(h.grpc)
	h.web("POST", "/v1/tenants/110000/workOrders:search", `{"phone":"`+phone+`"}`, "Authorization", "Bearer agent", "User-Agent", phone, "X-Note", phone)
	h.web("POST", "/v1/tenants/110000/workOrders:search", `{"phone":"`+phone+`","`+name+`":1}`, "Authorization", "Bearer agent")
	h.web("POST", "/v1/tenants/110000/workOrders:search", `{"phone":`+phone+`,`, "Authorization", "Bearer agent")
	h.web("GET", "/v1/tenants/110000/workOrders?phone="+phone+"&q="+name, "", "Authorization", "Bearer agent")
	h.web("GET", "/v1/tenants/110000/workOrders/"+phone, "", "Authorization", "Bearer agent")
	h.web("GET", "/v1/"+phone+"/"+name, "", "Authorization", "Bearer "+phone)
	h.web("GET", "/"+phone+"?"+phone, "", "Cookie", "phone="+phone)
	h.web("DELETE", "/v1/tenants/110000/workOrders/"+phone, "", "Authorization", "Bearer agent")
	ctx := metadata.AppendToOutgoingContext(bearing(t.Context(), "Bearer agent"), "x-note", phone)
	for _, number := range []string{phone, strings.Repeat(phone, 9)} {
		_, _ = client.Search(ctx, &caseworkpb.SearchRequest{Parent: "tenants/110000", Phone: number})
	}
	if l := h.log.String(); strings.Contains(l, phone) || strings.Contains(l, name) || strings.Contains(l, "张三") {
		t.Errorf("personal data in the log:\n%s", l)
	}
}

func TestEveryCallHasOneLine(t *testing.T) {
	h := open(t)
	h.get(t, "Bearer agent", here)
	h.get(t, "Bearer agent", there)
	h.get(t, "", here)
	h.web("POST", "/v1/tenants/110000/workOrders:search", `{"`, "Authorization", "Bearer agent")
	want := []string{"110000 zhang 200 ", "110000 zhang 404 NOT_FOUND", "  401 UNAUTHENTICATED", "  400 INVALID_JSON"}
	count := map[string]int{}
	for line := range strings.Lines(h.log.String()) {
		var l struct {
			Msg, Trace, Operation, Tenant, Login, Reason string
			Code                                         json.Number
			Ms                                           *int
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		if l.Msg != "call" {
			continue
		}
		if len(l.Trace) != 32 || !strings.HasPrefix(l.Operation, "/hotline.casework.v1.WorkOrders/") || l.Ms == nil {
			t.Errorf("%s", line)
		}
		count[strings.Join([]string{l.Tenant, l.Login, l.Code.String(), l.Reason}, " ")]++
	}
	for i, w := range want {
		if n := count[w]; n != 2 && i < 3 || n != 1 && i == 3 {
			t.Errorf("%q: %d lines; all: %v", w, n, count)
		}
	}
	if len(count) != len(want) {
		t.Errorf("%v", count)
	}
}

func TestCallsAreMeasured(t *testing.T) {
	h := open(t)
	h.get(t, "Bearer agent", here)
	h.get(t, "Bearer agent", there)
	body := h.web("GET", "/metrics", "").Body.String()
	for _, want := range []string{
		`hotline_requests_total{code="200",operation="/hotline.casework.v1.WorkOrders/GetWorkOrder"} 2`,
		`hotline_requests_total{code="404",operation="/hotline.casework.v1.WorkOrders/GetWorkOrder"} 2`,
		`hotline_request_seconds_count{operation="/hotline.casework.v1.WorkOrders/GetWorkOrder"} 4`,
		"process_cpu_seconds_total", "go_memstats_alloc_bytes",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if strings.Contains(body, "110000") {
		t.Error("a measure names a city or an order")
	}
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	h := open(t, func(p *Parts) { p.MaxBody = 200 })
	long := strings.Repeat("1", 300)
	if r := read(t, h.web("POST", "/v1/tenants/110000/workOrders:search", `{"phone":"`+long+`"}`, "Authorization", "Bearer agent")); r.Code != 413 {
		t.Errorf("%+v", r)
	}
	_, err := caseworkpb.NewWorkOrdersClient(h.grpc).Search(bearing(t.Context(), "Bearer agent"), &caseworkpb.SearchRequest{Parent: "tenants/110000", Phone: long})
	if r := readGRPC(err); r.Code != 429 { // gRPC's own ResourceExhausted
		t.Errorf("%+v", r)
	}
}

func TestAnAnswerThatCannotBeWrittenIsToldToTheOperator(t *testing.T) {
	h := open(t)
	h.orders.get = func(context.Context, *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
		return &caseworkpb.WorkOrder{Title: "\xff"}, nil
	}
	w := h.web("GET", "/v1/"+here, "", "Authorization", "Bearer agent")
	if r := read(t, w); r.Reason != "INTERNAL" || !strings.Contains(h.log.String(), "UTF-8") {
		t.Errorf("%+v, log %s", r, h.log)
	}
}
