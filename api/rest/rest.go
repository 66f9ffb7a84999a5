// Package rest mounts gRPC services on a kratos HTTP server from their
// google.api.http annotations, so that the .proto is the only place a route is written.
//
// JSON is protojson in both directions and strict: a field or query parameter that the
// request message does not have is refused, because a misspelt filter that is silently
// dropped would show or change more than its sender meant.
package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// An Option changes how one service is mounted.
type Option func(*route)

// BodyLimit sets how many bytes a request body of the service may have, instead of MaxBody.
func BodyLimit(bytes int64) Option {
	return func(r *route) { r.maxBody = bytes }
}

// LargeBodies sets another limit for the methods named in full; it goes after BodyLimit. A body is read before anybody is
// asked who sent it, so no more large ones than there are slots are held in memory at once.
func LargeBodies(limits map[string]int64, slots chan struct{}) Option {
	return func(r *route) {
		if bytes, ok := limits[r.operation]; ok {
			r.maxBody, r.slots = bytes, slots
		}
	}
}

// Mount gives every method of desc its routes on s: the annotated one and its
// additional_bindings. It refuses the whole service, and adds no route, if a method
// streams, has no annotation or an annotation that cannot be served, or wants a verb and
// address that is taken already.
//
// Within one service an address of fixed words goes before one with a variable in the
// same place. Between services the one mounted first goes first.
func Mount(s *khttp.Server, desc *grpc.ServiceDesc, impl any, opts ...Option) error {
	methods, err := serviceMethods(desc, impl)
	if err != nil {
		return err
	}
	taken, err := takenRoutes(s)
	if err != nil {
		return err
	}
	var routes []route
	for _, m := range desc.Methods {
		rs, err := methodRoutes(desc, m, methods.ByName(protoreflect.Name(m.MethodName)))
		if err != nil {
			return err
		}
		for i := range rs {
			for _, o := range opts {
				o(&rs[i])
			}
			r := rs[i]
			key := r.verb + " " + shape(r.tmpl.pattern)
			if other, ok := taken[key]; ok {
				return fmt.Errorf("rest: %s: %s %s is taken already by %s", r.operation, r.verb, r.tmpl.source, other)
			}
			taken[key] = r.operation
		}
		routes = append(routes, rs...)
	}
	// The router takes the first match, so the narrower address has to come first.
	slices.SortStableFunc(routes, func(a, b route) int { return strings.Compare(a.tmpl.kinds, b.tmpl.kinds) })
	for _, r := range routes {
		s.Route("/").Handle(r.verb, r.tmpl.pattern, r.handler(impl))
	}
	return nil
}

// serviceMethods checks desc and impl as a whole and finds the annotated descriptors.
func serviceMethods(desc *grpc.ServiceDesc, impl any) (protoreflect.MethodDescriptors, error) {
	want := reflect.TypeOf(desc.HandlerType).Elem()
	if impl == nil || !reflect.TypeOf(impl).Implements(want) {
		return nil, fmt.Errorf("rest: %T does not implement %s", impl, want)
	}
	if len(desc.Streams) > 0 {
		return nil, fmt.Errorf("rest: %s/%s streams, which plain JSON over HTTP cannot", desc.ServiceName, desc.Streams[0].StreamName)
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
	if err != nil {
		return nil, fmt.Errorf("rest: %s: %w", desc.ServiceName, err)
	}
	sd, ok := d.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, fmt.Errorf("rest: %s is not a service", desc.ServiceName)
	}
	return sd.Methods(), nil
}

// takenRoutes lists what earlier calls of Mount have registered, by verb and shape.
func takenRoutes(s *khttp.Server) (map[string]string, error) {
	taken := map[string]string{}
	err := s.WalkRoute(func(r khttp.RouteInfo) error {
		taken[r.Method+" "+shape(r.Path)] = r.Path
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("rest: listing routes: %w", err)
	}
	return taken, nil
}

// pathVar is a variable of the address and the request field it fills.
type pathVar struct {
	name   string
	fields []protoreflect.FieldDescriptor
}

// route is one verb and address of a method, resolved against its request message.
type route struct {
	operation string
	method    grpc.MethodDesc
	verb      string
	tmpl      template
	vars      []pathVar
	bodyAll   bool                         // body: "*"
	body      protoreflect.FieldDescriptor // body: "field"
	maxBody   int64
	slots     chan struct{} // nil when the bodies are small
}

// methodRoutes reads the annotation of one method.
func methodRoutes(desc *grpc.ServiceDesc, m grpc.MethodDesc, md protoreflect.MethodDescriptor) ([]route, error) {
	operation := "/" + desc.ServiceName + "/" + m.MethodName
	if md == nil {
		return nil, fmt.Errorf("rest: %s is not in the proto", operation)
	}
	rule, _ := proto.GetExtension(md.Options(), annotations.E_Http).(*annotations.HttpRule)
	if rule.GetPattern() == nil {
		return nil, fmt.Errorf("rest: %s has no google.api.http annotation", operation)
	}
	var routes []route
	for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		r, err := newRoute(rule, md.Input())
		if err != nil {
			return nil, fmt.Errorf("rest: %s: %w", operation, err)
		}
		r.operation, r.method = operation, m
		routes = append(routes, r)
	}
	return routes, nil
}

// newRoute resolves one rule against the request message it binds to.
func newRoute(rule *annotations.HttpRule, in protoreflect.MessageDescriptor) (route, error) {
	verb, path := verbAndPath(rule)
	if verb == "" {
		return route{}, fmt.Errorf("no verb out of GET, POST, PUT, PATCH, DELETE")
	}
	if rule.GetResponseBody() != "" {
		return route{}, fmt.Errorf("response_body is not supported")
	}
	tmpl, err := parseTemplate(path)
	if err != nil {
		return route{}, err
	}
	r := route{verb: verb, tmpl: tmpl, bodyAll: rule.GetBody() == "*", maxBody: MaxBody}
	for _, name := range tmpl.vars {
		fields, err := resolve(in, name)
		if err != nil {
			return route{}, err
		}
		if last := fields[len(fields)-1]; last.IsList() || last.Message() != nil {
			return route{}, fmt.Errorf("path variable %s is no single value", name)
		}
		r.vars = append(r.vars, pathVar{name, fields})
	}
	if body := rule.GetBody(); body != "" && body != "*" {
		if r.body = in.Fields().ByName(protoreflect.Name(body)); r.body == nil {
			return route{}, fmt.Errorf("body: %s has no field %q", in.FullName(), body)
		}
	}
	return r, nil
}

func verbAndPath(r *annotations.HttpRule) (verb, path string) {
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
	}
	return "", ""
}

// handler serves the route: the request is bound, the server's middleware runs around
// the method under its gRPC name, and the reply is written as JSON.
func (r route) handler(impl any) khttp.HandlerFunc {
	return func(c khttp.Context) error {
		ctx := c.Request().Context()
		khttp.SetOperation(ctx, r.operation)
		if n := c.Request().ContentLength; r.slots != nil && (n < 0 || n > MaxBody) {
			select {
			case r.slots <- struct{}{}:
				defer func() { <-r.slots }()
			default:
				return kerrors.New(http.StatusTooManyRequests, "TOO_FAST", "现在上传文件的人较多，请稍后再试。").
					WithMetadata(map[string]string{"retry_after": "5"})
			}
		}
		decode := func(in any) error { return r.bind(c, in) }
		around := func(ctx context.Context, in any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (any, error) {
			return c.Middleware(func(ctx context.Context, in any) (any, error) { return h(ctx, in) })(ctx, in)
		}
		out, err := r.method.Handler(impl, ctx, decode, around)
		if err != nil {
			return err
		}
		return reply(c.Response(), out)
	}
}

// bind fills the request message. The order matters: what comes later wins, and the
// address is what a gateway or an audit log has seen, so it comes last.
func (r route) bind(c khttp.Context, in any) error {
	msg, ok := in.(proto.Message)
	if !ok {
		return fmt.Errorf("rest: %s: request %T is no proto message", r.operation, in)
	}
	if disguised(c.Request().URL.EscapedPath()) {
		return notFound()
	}
	if err := r.bindBody(c.Response(), c.Request(), msg); err != nil {
		return err
	}
	if err := r.bindQuery(c.Request().URL.RawQuery, msg.ProtoReflect()); err != nil {
		return err
	}
	vars := c.Vars()
	for _, v := range r.vars {
		text := vars.Get(v.name)
		err := setText(msg.ProtoReflect(), v.fields, text)
		// A line break in a name serves only to forge a line in somebody's log.
		if err == nil && strings.ContainsFunc(text, unicode.IsControl) {
			err = errors.New("control character")
		}
		if err != nil {
			return invalid("INVALID_PATH", "地址里的 "+clip(v.name)+" 不对。", v.name, "地址里的值不对。").WithCause(err)
		}
	}
	return nil
}

// disguised tells whether the address hides a separator in percent-encoding. The router
// compares decoded addresses, where a%2Fb and a/b, or a%3Adispatch and a:dispatch, are
// alike; whoever filters addresses in front of the server sees two different ones.
func disguised(escapedPath string) bool {
	p := strings.ToUpper(escapedPath)
	return strings.Contains(p, "%2F") || strings.Contains(p, "%3A")
}

// reply writes out as JSON. The server's own encoder is passed by because it follows the
// Accept header into encodings that nobody has asked for.
//
// Zero values and empty lists are written, so that a screen never meets an undefined number
// or list. A message that is not there is left out, not null: the OpenAPI types have no null.
func reply(w http.ResponseWriter, out any) error {
	msg, ok := out.(proto.Message)
	if !ok {
		return fmt.Errorf("rest: reply %T is no proto message", out)
	}
	data, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(msg)
	if err != nil {
		return fmt.Errorf("rest: reply: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	// The client may be gone; the status is on the wire, so there is nobody left to tell.
	_, _ = w.Write(data)
	return nil
}

// invalid is a refusal of the request that names the field it is about, if known.
func invalid(reason, message, field, description string) *kerrors.Error {
	err := kerrors.BadRequest(reason, message)
	if field == "" {
		return err
	}
	return err.WithMetadata(map[string]string{fieldKey + clip(field): description})
}

// nameRE is what a name of a field looks like; digitsRE is what a phone or an id number in its place does.
var (
	nameRE   = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$.\-\[\]]{0,99}$`)
	digitsRE = regexp.MustCompile(`[0-9]{5}`)
)

// clip keeps what the client made up out of the answer, unless it looks like a field's name: somebody may have put a citizen's
// data where a name belongs.
func clip(name string) string {
	if nameRE.MatchString(name) && !digitsRE.MatchString(name) {
		return name
	}
	return "…"
}

var errUnsupported = errors.New("not supported here")
