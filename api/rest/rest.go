// Package rest mounts gRPC services on a kratos HTTP server from their
// google.api.http annotations, so that the .proto is the only place a route is written.
//
// It also owns the outer shape of HTTP: strict JSON in, one error shape out.
// What goes wrong inside never shows: callers get a sentence and a trace id (追踪号).
package rest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// DefaultMaxBody is the largest request body taken unless MaxBody says otherwise.
const DefaultMaxBody = 1 << 20

// An Option changes how one service is mounted.
type Option func(*endpoint)

// MaxBody sets the largest request body in bytes.
func MaxBody(bytes int64) Option {
	return func(e *endpoint) { e.maxBody = bytes }
}

// An endpoint is one binding of one method: a verb and a path that lead to it.
type endpoint struct {
	method    grpc.MethodDesc
	impl      any
	operation string
	verb      string
	template  template
	vars      []variable
	body      body
	maxBody   int64
}

// A variable is a field of the request that the path fills.
type variable struct {
	name string
	path []protoreflect.FieldDescriptor
}

// Mount gives every method of desc a route on s for each of its bindings.
// It refuses, before anything is served, whatever would surprise later: a method
// without annotation, a stream, a field that isn't there, a route that another one hides.
func Mount(s *khttp.Server, desc *grpc.ServiceDesc, impl any, opts ...Option) error {
	endpoints, err := endpoints(desc, impl)
	if err != nil {
		return fmt.Errorf("rest: %s: %w", desc.ServiceName, err)
	}
	mounted, err := routes(s)
	if err != nil {
		return fmt.Errorf("rest: %s: %w", desc.ServiceName, err)
	}
	for _, e := range endpoints {
		if hider, hidden := mounted.hiding(e.verb, e.template); hidden {
			return fmt.Errorf("rest: %s: %s %s is never reached: %s comes first", desc.ServiceName, e.verb, e.template.mux(), hider)
		}
		mounted = append(mounted, route{e.verb, e.template})
	}
	for _, e := range endpoints {
		for _, o := range opts {
			o(e)
		}
		s.Route("/").Handle(e.verb, e.template.mux(), e.serve)
	}
	return nil
}

// endpoints lists all bindings of a service, the more literal paths first.
func endpoints(desc *grpc.ServiceDesc, impl any) ([]*endpoint, error) {
	if len(desc.Streams) > 0 {
		return nil, fmt.Errorf("%s is a stream, and streams have no HTTP route", desc.Streams[0].StreamName)
	}
	want := reflect.TypeOf(desc.HandlerType).Elem()
	if impl == nil || !reflect.TypeOf(impl).Implements(want) {
		return nil, fmt.Errorf("%T does not implement %s", impl, want)
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
	if err != nil {
		return nil, err
	}
	service, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, errors.New("is not a service")
	}
	var all []*endpoint
	for _, m := range desc.Methods {
		md := service.Methods().ByName(protoreflect.Name(m.MethodName))
		if md == nil {
			return nil, fmt.Errorf("%s is not in the proto", m.MethodName)
		}
		rule, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
		for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
			e, err := newEndpoint(md.Input(), r)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.MethodName, err)
			}
			e.method, e.impl, e.operation = m, impl, "/"+desc.ServiceName+"/"+m.MethodName
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b *endpoint) int { return cmp.Compare(a.template.rank(), b.template.rank()) })
	return all, nil
}

// newEndpoint checks one rule against the request message.
func newEndpoint(in protoreflect.MessageDescriptor, rule *annotations.HttpRule) (*endpoint, error) {
	verb, path := pattern(rule)
	if verb == "" {
		return nil, errors.New("has no google.api.http annotation")
	}
	if rule.GetResponseBody() != "" {
		return nil, errors.New("response_body is not supported")
	}
	t, err := parseTemplate(path)
	if err != nil {
		return nil, err
	}
	e := &endpoint{verb: verb, template: t, maxBody: DefaultMaxBody}
	for _, name := range t.fields() {
		path, ok := lookup(in, name)
		if !ok || !isValue(path[len(path)-1]) || path[len(path)-1].IsList() {
			return nil, fmt.Errorf("path %q: %s has no single value %s", path, in.FullName(), name)
		}
		e.vars = append(e.vars, variable{name, path})
	}
	e.body, err = newBody(in, rule.GetBody())
	return e, err
}

// pattern gives the HTTP method and the path template of a rule.
func pattern(r *annotations.HttpRule) (verb, path string) {
	switch p := r.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	case *annotations.HttpRule_Custom:
		return strings.ToUpper(p.Custom.GetKind()), p.Custom.GetPath()
	}
	return "", ""
}

// serve answers one request: decode, run the server's middleware, call the method, encode.
func (e *endpoint) serve(c khttp.Context) (err error) {
	// The request's own context, not c, goes inward: c belongs to the HTTP layer.
	ctx := c.Request().Context()
	defer func() { recovered(ctx, &err, recover()) }()
	if hasEncodedSeparator(c.Request().URL) {
		return errNotFound
	}
	khttp.SetOperation(ctx, e.operation)
	decode := func(in any) error { return e.decode(c, in) }
	out, err := e.method.Handler(e.impl, ctx, decode,
		func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			return c.Middleware(func(ctx context.Context, in any) (any, error) { return h(ctx, in) })(ctx, in)
		})
	if err != nil {
		return err
	}
	return c.Result(http.StatusOK, out)
}

// decode fills the request message: body, then query, then path, so that the path wins.
// Routing and access are decided by the path, and nothing in a body may contradict them.
func (e *endpoint) decode(c khttp.Context, in any) error {
	msg, ok := in.(proto.Message)
	if !ok {
		return fmt.Errorf("%s: %T is not a message", e.operation, in)
	}
	m := msg.ProtoReflect()
	if err := e.decodeBody(c.Response(), c.Request(), m); err != nil {
		return err
	}
	if err := e.decodeQuery(c.Request().URL, m); err != nil {
		return err
	}
	return e.decodePath(c.Vars(), m)
}
