package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"

	"hotline/api/access"
)

// orders is a service with every case there is to mend.
const orders = `
name: "orders.proto" package: "test" syntax: "proto3"
dependency: ["google/api/annotations.proto", "access/access.proto"]
message_type { name: "Named" field { name: "name" json_name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL } }
message_type { name: "Close"
  field { name: "name" json_name: "name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "big_one" json_name: "bigOne" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL }
  field { name: "all" json_name: "all" number: 3 type: TYPE_UINT64 label: LABEL_REPEATED } }
service { name: "Orders"
  method { name: "Get" input_type: ".test.Named" output_type: ".test.Named" options {
    [google.api.http] { get: "/v1/{name=tenants/*/orders/*}" additional_bindings { get: "/v1/{name=orders/*}" } }
    [hotline.access.rule] { public: true } } }
  method { name: "Close" input_type: ".test.Close" output_type: ".test.Named" options {
    [google.api.http] { post: "/v1/{name=tenants/*/orders/*}:close" body: "*" } } }
  method { name: "Put" input_type: ".test.Named" output_type: ".test.Named" options {
    [google.api.http] { put: "/v1/{name=tenants/*/orders/*}" body: "*" } } } }
source_code_info {
  location { path: [6, 0] span: [1, 0, 9] leading_comments: " Orders (工单)\n are kept here.\n" }
  location { path: [6, 0, 2, 0] span: [2, 0, 9] leading_comments: " Get (查看) shows it.\n" }
  location { path: [6, 0, 2, 1] span: [3, 0, 9] leading_comments: " Closes it. For good.\n" } }
`

// gnostic is what protoc-gen-openapi makes of orders, shortened.
const gnostic = `# Generated with protoc-gen-openapi
openapi: 3.0.3
info: {title: "", version: 0.0.1}
paths:
  /v1/orders/{order}:
    get: {tags: [Orders], operationId: Orders_Get, responses: {"200": {description: OK}}}
  /v1/tenants/{tenant}/orders/{order}:
    get:
      tags: [Orders]
      operationId: Orders_Get
      parameters: [{name: tenant, in: path, description: The tenant id., schema: {type: string}}]
      responses: {"200": {description: OK, content: {application/json: {schema: {$ref: '#/components/schemas/test.Named'}}}}}
    put:
      operationId: Orders_Put
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/test.Named'}}}}
      responses: {"200": {description: OK}}
  /v1/tenants/{tenant}/orders/{order}:close:
    post:
      operationId: Orders_Close
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/test.Close'}}}}
      responses: {"200": {description: OK}}
components:
  schemas:
    test.Named: {type: object, required: [name], properties: {name: {type: string}}}
    test.Close:
      type: object
      required: [name]
      properties:
        name: {type: string}
        bigOne: {type: string}
        all: {type: array, items: {type: string}}
        seal: {type: string, format: bytes}
        state: {type: string, format: enum}
        format: {type: string}
tags: [{name: Orders}]
`

// mended runs the program on a proto and a document.
func mended(t *testing.T, file, doc string) (*yaml.Node, error) {
	t.Helper()
	var fd descriptorpb.FileDescriptorProto
	if err := prototext.Unmarshal([]byte(file), &fd); err != nil {
		t.Fatal(err)
	}
	set, err := proto.Marshal(&descriptorpb.FileDescriptorSet{File: []*descriptorpb.FileDescriptorProto{
		protodesc.ToFileDescriptorProto(descriptorpb.File_google_protobuf_descriptor_proto),
		protodesc.ToFileDescriptorProto(annotations.File_google_api_http_proto),
		protodesc.ToFileDescriptorProto(annotations.File_google_api_annotations_proto),
		protodesc.ToFileDescriptorProto(access.File_access_access_proto),
		&fd,
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "set.pb")
	if err := os.WriteFile(path, set, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run(path, strings.NewReader(doc), &out); err != nil {
		return nil, err
	}
	var n yaml.Node
	if err := yaml.Unmarshal(out.Bytes(), &n); err != nil {
		t.Fatal(err)
	}
	return n.Content[0], nil
}

// flow writes a node on one line.
func flow(t *testing.T, n *yaml.Node) string {
	t.Helper()
	if n == nil {
		return "nothing"
	}
	n.Style = yaml.FlowStyle
	b, err := yaml.Marshal(n)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func TestDocumentIsMended(t *testing.T) {
	doc, err := mended(t, orders, gnostic)
	if err != nil {
		t.Fatal(err)
	}
	const one, two = "/v1/tenants/{tenant}/orders/{order}", "/v1/orders/{order}"
	for _, c := range []struct {
		what string
		at   []string
		want string
	}{
		{"the annotated binding keeps the id", []string{"paths", one, "get", "operationId"}, "Orders_Get"},
		{"a further binding has an id of its own", []string{"paths", two, "get", "operationId"}, "Orders_Get-2"},
		{"a public method wants no token", []string{"paths", one, "get", "security"}, "[]"},
		{"so does its further binding", []string{"paths", two, "get", "security"}, "[]"},
		{"another method does", []string{"paths", one, "put", "security"}, "nothing"},
		{"a token is the rule", []string{"security"}, "[{bearer: []}]"},
		{"the Chinese name is the summary", []string{"paths", one, "get", "summary"}, "查看"},
		{"else the first sentence", []string{"paths", one + ":close", "post", "summary"}, "Closes it"},
		{"errors are declared", []string{"paths", one, "put", "responses", "4XX"}, "{$ref: '#/components/responses/Refused'}"},
		{"failures are declared", []string{"paths", one, "put", "responses", "5XX"}, "{$ref: '#/components/responses/Failed'}"},
		{"what the path gives is not in the body", []string{"components", "schemas", "test.Close", "properties", "name"}, "nothing"},
		{"nor required there", []string{"components", "schemas", "test.Close", "required"}, "nothing"},
		{"a message used elsewhere keeps it", []string{"components", "schemas", "test.Named", "required"}, "[name]"},
		{"64 bits are marked", []string{"components", "schemas", "test.Close", "properties", "bigOne", "format"}, "int64"},
		{"in lists too", []string{"components", "schemas", "test.Close", "properties", "all", "items", "format"}, "uint64"},
		{"bytes have their name in OpenAPI", []string{"components", "schemas", "test.Close", "properties", "seal", "format"}, "byte"},
		{"enums need no format", []string{"components", "schemas", "test.Close", "properties", "state", "format"}, "nothing"},
		{"a property may be called format", []string{"components", "schemas", "test.Close", "properties", "format"}, "{type: string}"},
		{"the tag is described", []string{"tags"}, "[{name: Orders, description: Orders (工单) are kept here.}]"},
		{"the error is required whole", []string{"components", "schemas", "Error", "required"}, "[code, reason, message, violations, traceId]"},
	} {
		if got := flow(t, get(doc, c.at...)); got != c.want {
			t.Errorf("%s: %s, not %s", c.what, got, c.want)
		}
	}
	p := flow(t, get(doc, "paths", one, "get", "parameters"))
	if !strings.Contains(p, "资源名的一段：name（tenants/*/orders/*）") || !strings.Contains(p, "pattern") {
		t.Errorf("path parameter: %s", p)
	}
}

func TestDocumentIsTheSameEveryTime(t *testing.T) {
	first, err := mended(t, orders, gnostic)
	if err != nil {
		t.Fatal(err)
	}
	want := flow(t, first)
	for range 20 {
		again, err := mended(t, orders, gnostic)
		if err != nil {
			t.Fatal(err)
		}
		if got := flow(t, again); got != want {
			t.Fatalf("first %s\nthen %s", want, got)
		}
	}
}

func TestWhatCannotBeMendedIsRefused(t *testing.T) {
	for _, c := range []struct{ what, file, doc, want string }{
		{"a path that gnostic gets wrong", orders, strings.ReplaceAll(gnostic, "/v1/orders/{order}:", "/v1/orders/{order}/x:"), "none of its bindings"},
		{"an operation of no method", orders, strings.ReplaceAll(gnostic, "Orders_Put", "Orders_Set"), "Orders_Set"},
		{"a service without a comment", strings.ReplaceAll(orders, "path: [6, 0] span", "path: [6, 9] span"), gnostic, "no comment"},
		{"a document that is no YAML", orders, strings.ReplaceAll(gnostic, "openapi:", "\t"), "document"},
	} {
		if _, err := mended(t, c.file, c.doc); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	if err := run("no such file", strings.NewReader(gnostic), &bytes.Buffer{}); err == nil {
		t.Error("a missing descriptor set is taken")
	}
}

func TestTwoServicesOfOneNameAreRefused(t *testing.T) {
	services := (&descriptorpb.FileDescriptorProto{
		Name: proto.String("x.proto"), Syntax: proto.String("proto3"),
		Service: []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("Orders")}},
	})
	file, err := protodesc.NewFile(services, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := &api{methods: map[string]method{}, tags: map[string]string{}}
	if err := a.addServices(file.Services(), nil); err != nil {
		t.Fatal(err)
	}
	if err := a.addServices(file.Services(), nil); err == nil {
		t.Error("are taken")
	}
}

func TestCommentOfTheFileDescribesItsOnlyService(t *testing.T) {
	doc, err := mended(t, strings.ReplaceAll(orders, "path: [6, 0] span", "path: [12] span"), gnostic)
	if err != nil {
		t.Fatal(err)
	}
	if got := flow(t, get(doc, "tags")); !strings.Contains(got, "Orders (工单) are kept here.") {
		t.Errorf("tags are %s", got)
	}
}

func TestShapeOfTemplateIsThatOfGnosticsPath(t *testing.T) {
	for template, path := range map[string]string{
		"/v1/me":                              "/v1/me",
		"/v1/{name=tenants/*/orders/*}:close": "/v1/tenants/{tenant}/orders/{order}:close",
		"/v1/{name=tenants/*/policy}":         "/v1/tenants/{tenant}/policy",
		"/v1/orders/{number}":                 "/v1/orders/{number}",
		"/v1/files/{path=**}":                 "/v1/files/{path}",
	} {
		if shape(template) != shape(path) {
			t.Errorf("%s is %s, %s is %s", template, shape(template), path, shape(path))
		}
	}
}

func TestSummary(t *testing.T) {
	for comment, want := range map[string]string{
		"Dispatch (派单) sends it to a unit. Then waits.": "派单",
		"Sends it to v1.2 of a unit. Then waits.":       "Sends it to v1.2 of a unit",
		"派给承办单位。然后等待。":                                  "派给承办单位",
		"No end":                                        "No end",
		"":                                              "",
	} {
		if got := summary(comment); got != want {
			t.Errorf("%q: %q, not %q", comment, got, want)
		}
	}
}
