package main

import (
	"fmt"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// An api is what the protos say, keyed as gnostic's document is.
type api struct {
	methods  map[string]method // by operationId, Service_Method
	tags     map[string]string // comment of each service, by its name
	messages map[string]protoreflect.MessageDescriptor
}

// A method is one RPC with all its bindings, the annotated one first.
type method struct {
	comment  string
	public   bool
	streams  bool // its answer
	input    protoreflect.MessageDescriptor
	bindings []binding
}

// A binding is one verb and path of a method.
type binding struct {
	verb     string // lower case, as in OpenAPI
	template string
	whole    bool // body: "*"
}

// readAPI reads a FileDescriptorSet.
func readAPI(set []byte) (*api, error) {
	var fds descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(set, &fds); err != nil {
		return nil, err
	}
	files, err := protodesc.NewFiles(&fds)
	if err != nil {
		return nil, err
	}
	public, err := publicMethods(files)
	if err != nil {
		return nil, err
	}
	a := &api{map[string]method{}, map[string]string{}, map[string]protoreflect.MessageDescriptor{}}
	files.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		a.addMessages(f.Messages())
		err = a.addServices(f.Services(), public)
		return err == nil
	})
	return a, err
}

// publicMethods gives a question to ask of each method: may it be called without a token?
// The access rule is read as the protos declare it, not by the Go code generated from them,
// which may be missing or stale while generating.
func publicMethods(files *protoregistry.Files) (func(protoreflect.MethodDescriptor) (bool, error), error) {
	d, err := files.FindDescriptorByName("hotline.access.rule")
	if err != nil {
		return nil, fmt.Errorf("access rule: %w", err)
	}
	rule := dynamicpb.NewExtensionType(d.(protoreflect.ExtensionDescriptor))
	public := rule.TypeDescriptor().Message().Fields().ByName("public")
	if public == nil || public.Kind() != protoreflect.BoolKind {
		return nil, fmt.Errorf("access rule has no bool called public")
	}
	var types protoregistry.Types
	if err := types.RegisterExtension(rule); err != nil {
		return nil, err
	}
	return func(m protoreflect.MethodDescriptor) (bool, error) {
		raw, err := proto.Marshal(m.Options())
		if err != nil {
			return false, err
		}
		var options descriptorpb.MethodOptions
		if err := (proto.UnmarshalOptions{Resolver: &types}).Unmarshal(raw, &options); err != nil {
			return false, err
		}
		// Not by proto.GetExtension, which is wrong about dynamic types that hold messages.
		open := false
		options.ProtoReflect().Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
			if fd.FullName() == d.FullName() {
				open = v.Message().Get(public).Bool()
			}
			return true
		})
		return open, nil
	}, nil
}

func (a *api) addMessages(all protoreflect.MessageDescriptors) {
	for i := range all.Len() {
		m := all.Get(i)
		a.messages[string(m.FullName())] = m
		a.addMessages(m.Messages())
	}
}

func (a *api) addServices(all protoreflect.ServiceDescriptors, public func(protoreflect.MethodDescriptor) (bool, error)) error {
	for i := range all.Len() {
		s := all.Get(i)
		name := string(s.Name())
		if _, taken := a.tags[name]; taken {
			return fmt.Errorf("two services are called %s: their operations could not be told apart", name)
		}
		a.tags[name] = serviceComment(s)
		for j := range s.Methods().Len() {
			m := s.Methods().Get(j)
			open, err := public(m)
			if err != nil {
				return fmt.Errorf("%s: %w", m.FullName(), err)
			}
			out := method{comment: comment(m), public: open, streams: m.IsStreamingServer(), input: m.Input()}
			rule, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
			for _, r := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
				out.bindings = append(out.bindings, newBinding(r))
			}
			a.methods[name+"_"+string(m.Name())] = out
		}
	}
	return nil
}

func newBinding(r *annotations.HttpRule) binding {
	b := binding{whole: r.GetBody() == "*"}
	switch p := r.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		b.verb, b.template = "get", p.Get
	case *annotations.HttpRule_Post:
		b.verb, b.template = "post", p.Post
	case *annotations.HttpRule_Put:
		b.verb, b.template = "put", p.Put
	case *annotations.HttpRule_Patch:
		b.verb, b.template = "patch", p.Patch
	case *annotations.HttpRule_Delete:
		b.verb, b.template = "delete", p.Delete
	}
	return b
}

var (
	variable = regexp.MustCompile(`\{([^{}=]+)(?:=([^{}]*))?\}`)
	wildcard = regexp.MustCompile(`\*+`)
)

// shape is a path with all that varies as a star, the same for /v1/{name=tenants/*}
// and for what gnostic makes of it, /v1/tenants/{tenant}.
func shape(path string) string {
	path = variable.ReplaceAllStringFunc(path, func(v string) string {
		if _, segments, named := strings.Cut(strings.Trim(v, "{}"), "="); named {
			return segments
		}
		return "*"
	})
	return wildcard.ReplaceAllString(path, "*")
}

// bound lists the variables of a template: each field path with its segments.
func (b binding) bound() [][2]string {
	var all [][2]string
	for _, match := range variable.FindAllStringSubmatch(b.template, -1) {
		all = append(all, [2]string{match[1], match[2]})
	}
	return all
}

// find tells which binding of m a path and verb of the document is.
func (m method) find(verb, path string) (int, bool) {
	for i, b := range m.bindings {
		if b.verb == verb && shape(b.template) == shape(path) {
			return i, true
		}
	}
	return 0, false
}

// serviceComment is the comment of a service, or else that of its file when it has the file to itself.
func serviceComment(s protoreflect.ServiceDescriptor) string {
	if c := comment(s); c != "" {
		return c
	}
	f := s.ParentFile()
	if f.Services().Len() > 1 {
		return ""
	}
	const syntax = 12 // number of the field in FileDescriptorProto that a file's first comment hangs on
	return strings.Join(strings.Fields(f.SourceLocations().ByPath(protoreflect.SourcePath{syntax}).LeadingComments), " ")
}

// comment is the leading comment of a service or method, on one line.
func comment(d protoreflect.Descriptor) string {
	text := d.ParentFile().SourceLocations().ByDescriptor(d).LeadingComments
	return strings.Join(strings.Fields(text), " ")
}
