package rest_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"hotline/api/rest"
	"hotline/api/rest/resttest"
)

const orders = "/v1/tenants/1/workOrders"

func TestQuery(t *testing.T) {
	noon := timestamppb.New(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	h := newProbe(t)
	for query, want := range map[string]*resttest.ListOrdersRequest{
		"":                                       {},
		"pageSize=5":                             {PageSize: 5},
		"page_size=5":                            {PageSize: 5},
		"state=STATE_OPEN":                       {State: resttest.State_STATE_OPEN},
		"state=2":                                {State: resttest.State_STATE_CLOSED},
		"states=STATE_OPEN&states=STATE_CLOSED":  {States: []resttest.State{1, 2}},
		"tags=a&tags=%E6%8A%95%E8%AF%89&tags=":   {Tags: []string{"a", "投诉", ""}},
		"dueBefore=2026-01-02T03:04:05Z":         {DueBefore: noon},
		"due_before=2026-01-02T11:04:05%2B08:00": {DueBefore: noon},
		"dueTimes=2026-01-02T03:04:05Z&dueTimes=2026-01-02T03:04:05Z": {DueTimes: []*timestamppb.Timestamp{noon, noon}},
		"within=90s":                       {Within: durationpb.New(90 * time.Second)},
		"readMask=name,pageSize":           {ReadMask: &fieldmaskpb.FieldMask{Paths: []string{"name", "page_size"}}},
		"urgent=false":                     {Urgent: wrapperspb.Bool(false)},
		"closed=false":                     {Closed: proto.Bool(false)},
		"petitioner.fullName=%E5%BC%A0":    {Petitioner: &resttest.Petitioner{FullName: "张"}},
		"petitioner.agent.phone=1":         {Petitioner: &resttest.Petitioner{Agent: &resttest.Petitioner{Phone: "1"}}},
		"total=-9007199254740993&offset=7": {Total: -9007199254740993, Offset: 7},
		"big=18446744073709551615":         {Big: 18446744073709551615},
		"ratio=0.5&weight=-1.5":            {Ratio: 0.5, Weight: -1.5},
		"token=-_8%3D":                     {Token: []byte{0xfb, 0xff}},
		"token=%2B/8":                      {Token: []byte{0xfb, 0xff}},
		"city=%E5%8C%97%E4%BA%AC":          {Place: &resttest.ListOrdersRequest_City{City: "北京"}},
		"parent=tenants/2&pageSize=1":      {PageSize: 1}, // the address wins
		"petitioner.full_name=a%0Ab":       {Petitioner: &resttest.Petitioner{FullName: "a\nb"}},
	} {
		want.Parent = "tenants/1"
		equal(t, echoed(t, h, "GET", orders+"?"+query, "").List, want)
	}
}

// badQueries are refused with a violation of the field, if one is given.
var badQueries = map[string]string{
	"pagesize=5":                  "pagesize",
	"unknown=1":                   "unknown",
	"petitioner.unknown=1":        "petitioner.unknown",
	"petitioner=1":                "petitioner",
	"parent.x=1":                  "parent.x",
	"people.phone=1":              "people.phone",
	"people=1":                    "people",
	"labels=1":                    "labels",
	"labels.a=1":                  "labels.a",
	"dueBefore.seconds=1":         "dueBefore.seconds",
	"urgent.value=true":           "urgent.value",
	"place=1":                     "place",
	"=1":                          "",
	"pageSize=":                   "pageSize",
	"pageSize=1.5":                "pageSize",
	"pageSize=2147483648":         "pageSize",
	"pageSize=1&pageSize=2":       "pageSize",
	"pageSize=1&page_size=1":      "page_size",
	"offset=-1":                   "offset",
	"ratio=NaN":                   "ratio",
	"weight=1e99":                 "weight",
	"state=OPEN":                  "state",
	"state=9":                     "state",
	"states=STATE_OPEN&states=no": "states",
	"closed=yes":                  "closed",
	"urgent=1":                    "urgent",
	"dueBefore=yesterday":         "dueBefore",
	"dueBefore=2026-01-02":        "dueBefore",
	"within=1h":                   "within",
	"token=!":                     "token",
	"tags=%FF":                    "tags",
	"tags=a%00":                   "tags",
	"city=a&district=b":           "district",
	strings.Repeat("petitioner.agent.", 20) + "phone=1": "",
}

func TestQueryRefused(t *testing.T) {
	h := newProbe(t)
	for query, field := range badQueries {
		p := refused(t, h, 400, "INVALID_QUERY", "GET", orders+"?"+query, "")
		if field != "" && (len(p.Violations) != 1 || p.Violations[0].Field != field) {
			t.Errorf("%s: %+v", query, p)
		}
	}
	for _, query := range []string{"a=%zz", "a=1;b=2"} {
		refused(t, h, 400, "INVALID_QUERY", "GET", orders+"?"+query, "")
	}
	refused(t, h, 400, "INVALID_QUERY", "POST", orders+":search?pageSize=1", `{}`)
	refused(t, h, 400, "INVALID_QUERY", "POST", orders+"?workOrder.title=x", `{}`)
	refused(t, h, 400, "INVALID_QUERY", "GET", "/v1/tenants/1/workOrders/2?view=full", "")
	p := refused(t, h, 400, "INVALID_QUERY", "GET", orders+"?"+strings.Repeat("x", 5000)+"=1", "")
	if len(p.Message) > 500 || len(p.Violations[0].Field) > 500 {
		t.Errorf("a long name fills the answer: %d", len(p.Message))
	}
}

func TestBody(t *testing.T) {
	h := newProbe(t)
	all := echoed(t, h, "POST", orders+"/2:dispatch", `{"name":"tenants/9/workOrders/9","unit":"住建委","work_order":{"title":"井盖","dueTime":"2026-01-02T03:04:05Z","labels":{"a":"b"}}}`)
	equal(t, all.Dispatch, &resttest.DispatchOrderRequest{
		Name: "tenants/1/workOrders/2", Unit: "住建委",
		WorkOrder: &resttest.WorkOrder{Title: "井盖", DueTime: timestamppb.New(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Labels: map[string]string{"a": "b"}},
	})
	field := echoed(t, h, "POST", orders+"?requestId=r1", `{"title":"噪声","petitioner":{"fullName":"李"},"tags":["x"]}`)
	equal(t, field.Create, &resttest.CreateOrderRequest{
		Parent: "tenants/1", RequestId: "r1",
		WorkOrder: &resttest.WorkOrder{Title: "噪声", Petitioner: &resttest.Petitioner{FullName: "李"}, Tags: []string{"x"}},
	})
	nested := echoed(t, h, "PATCH", orders+"/2?updateMask=title", `{"name":"tenants/9/workOrders/9","title":"t"}`)
	equal(t, nested.Update, &resttest.UpdateOrderRequest{
		WorkOrder: &resttest.WorkOrder{Name: "tenants/1/workOrders/2", Title: "t"}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title"}},
	})
	tags := echoed(t, h, "PUT", orders+"/2/tags", `["a","b"]`)
	equal(t, tags.Replace, &resttest.ReplaceTagsRequest{Name: "tenants/1/workOrders/2", Tags: []string{"a", "b"}})
}

func TestEmptyBody(t *testing.T) {
	h := newProbe(t)
	for _, body := range []string{"", " \n", "{}"} {
		e := echoed(t, h, "POST", orders+"/2:dispatch", body)
		equal(t, e.Dispatch, &resttest.DispatchOrderRequest{Name: "tenants/1/workOrders/2"})
	}
	equal(t, echoed(t, h, "PATCH", orders+"/2", "").Update, &resttest.UpdateOrderRequest{WorkOrder: &resttest.WorkOrder{Name: "tenants/1/workOrders/2"}})
	echoed(t, h, "GET", "/v1/pages/1", "{}")
	refused(t, h, 400, "INVALID_JSON", "DELETE", orders+"/2", `{"name":"x"}`)
}

func TestContentType(t *testing.T) {
	h := newProbe(t)
	for _, ct := range []string{"application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"} {
		if res := call(t, h, "POST", orders+"/2:dispatch", `{"unit":"u"}`, "Content-Type", ct); res.Code != 200 {
			t.Errorf("%s: %d %s", ct, res.Code, res.Body)
		}
	}
	if res := call(t, h, "POST", orders+"/2:dispatch", `{"unit":"u"}`); res.Code != 200 || !strings.Contains(res.Body.String(), `"u"`) {
		t.Errorf("no Content-Type: %d %s", res.Code, res.Body)
	}
	for _, ct := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", ";"} {
		refused(t, h, 415, "UNSUPPORTED_MEDIA_TYPE", "POST", orders+"/2:dispatch", `{"unit":"u"}`, "Content-Type", ct)
	}
}

func TestBodyRefused(t *testing.T) {
	h := newProbe(t)
	for _, c := range []struct{ verb, address, body, field string }{
		{"POST", orders + "/2:dispatch", `{"unti":"u"}`, "unti"},
		{"POST", orders + "/2:dispatch", "{\n  \"unit\": \"单位\",\n  \"workOrder\": {\"标题\": 1}\n}", "…"}, // no name of ours: it may be somebody's data
		{"POST", orders + "/2:dispatch", `{"unit":5}`, "unit"},
		{"POST", orders + "/2:dispatch", `{"workOrder":"x"}`, "workOrder"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"state":"NO"}}`, "workOrder.state"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"tags":["a",{"b":1},2]}}`, "workOrder.tags[1]"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"witnesses":[{"phone":"1"},{"phone":1}]}}`, "workOrder.witnesses[1].phone"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"dueTime":"tomorrow"}}`, "workOrder.dueTime"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"count":1.5}}`, "workOrder.count"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{},"work_order":{}}`, "work_order"},
		{"POST", orders + ":search", `{"city":"a","district":"b"}`, "district"},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"tags":["a","b\u0000"]}}`, "workOrder.tags[1]"},
		{"POST", orders, `{"titel":"x"}`, "workOrder.titel"},
		{"PUT", orders + "/2/tags", `["a",1]`, "tags[1]"},
		{"PUT", orders + "/2/tags", `{"a":1}`, "tags"},
		{"POST", orders + "/2:dispatch", `{"unit":`, ""},
		{"POST", orders + "/2:dispatch", `{"unit":"u"} {"unit":"v"}`, ""},
		{"POST", orders + "/2:dispatch", `[]`, ""},
		{"POST", orders + "/2:dispatch", `null`, ""},
		{"POST", orders + "/2:dispatch", "{\"unit\":\"\xff\"}", ""},
		{"POST", orders + "/2:dispatch", `{"workOrder":{"petitioner":` + strings.Repeat(`{"agent":`, 20000), ""},
		{"POST", orders, `{},"requestId":"smuggled"`, ""},
		{"POST", orders, `{}}`, ""},
	} {
		p := refused(t, h, 400, "INVALID_JSON", c.verb, c.address, c.body)
		switch {
		case c.field == "" && len(p.Violations) > 0:
			t.Errorf("%.60s: %+v", c.body, p)
		case c.field != "" && (len(p.Violations) != 1 || p.Violations[0].Field != c.field):
			t.Errorf("%.60s: %+v, want field %s", c.body, p, c.field)
		}
	}
}

func TestBodyLimit(t *testing.T) {
	h := newProbe(t)
	fill := func(size int) string {
		const frame = len(`{"unit":""}`)
		return `{"unit":"` + strings.Repeat("x", size-frame) + `"}`
	}
	if e := echoed(t, h, "POST", orders+"/2:dispatch", fill(rest.MaxBody)); len(e.Dispatch.Unit) < rest.MaxBody-20 {
		t.Errorf("a body at the limit is cut to %d", len(e.Dispatch.Unit))
	}
	refused(t, h, 413, "TOO_LARGE", "POST", orders+"/2:dispatch", fill(rest.MaxBody+1))
	// Without a Content-Length too, and where no body is expected.
	req := httptest.NewRequest("POST", orders+"/2:dispatch", strings.NewReader(fill(rest.MaxBody+1)))
	req.ContentLength = -1
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	if res.Code != 413 {
		t.Errorf("chunked: %d", res.Code)
	}
	refused(t, h, 413, "TOO_LARGE", "DELETE", orders+"/2", fill(rest.MaxBody+1))
}

func FuzzQuery(f *testing.F) {
	h := newProbe(f)
	f.Add("pageSize=5&petitioner.agent.phone=1&states=1&dueBefore=2026-01-02T03:04:05Z")
	f.Add("urgent=true&city=a&token=AA==")
	f.Fuzz(func(t *testing.T, query string) {
		req := httptest.NewRequest("GET", orders, nil)
		req.URL.RawQuery = query
		res := httptest.NewRecorder()
		h.ServeHTTP(res, req)
		if res.Code != 200 && res.Code != 400 {
			t.Fatalf("%q: %d %s", query, res.Code, res.Body)
		}
	})
}

func FuzzBody(f *testing.F) {
	h := newProbe(f)
	f.Add(`{"title":"x","petitioner":{"phone":1}}`)
	f.Add(`{"labels":{"a":1},"witnesses":[{"a":[`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, address := range []string{orders, orders + "/2:dispatch"} {
			if res := call(t, h, "POST", address, body); res.Code != 200 && res.Code != 400 && res.Code != 413 {
				t.Fatalf("%q: %d %s", body, res.Code, res.Body)
			}
		}
	})
}

func TestNoMoreLargeBodiesAreReadAtOnceThanThereAreSlots(t *testing.T) {
	s, slots := newServer(), make(chan struct{}, 1)
	limits := map[string]int64{resttest.Probe_DispatchOrder_FullMethodName: 2 * rest.MaxBody}
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, probe{}, rest.LargeBodies(limits, slots)); err != nil {
		t.Fatal(err)
	}
	large := `{"unit":"` + strings.Repeat("x", rest.MaxBody) + `"}`
	for range 2 { // a slot is given back
		echoed(t, s, "POST", orders+"/2:dispatch", large)
	}
	slots <- struct{}{}
	refused(t, s, 429, "TOO_FAST", "POST", orders+"/2:dispatch", large)
	echoed(t, s, "POST", orders+"/2:dispatch", `{"unit":"x"}`)
	refused(t, s, 413, "TOO_LARGE", "POST", orders, large)
}
