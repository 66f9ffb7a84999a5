package rest

import (
	"fmt"
	"net/http"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// MountStream gives the one method of desc, which streams its answer, its GET route on s. serve carries it out with the bound request:
// plain JSON can't stream, so what is written is serve's affair, and so is running the server's middleware.
func MountStream(s *khttp.Server, desc *grpc.ServiceDesc, serve func(c khttp.Context, in proto.Message) error) error {
	if len(desc.Methods) > 0 || len(desc.Streams) != 1 || !desc.Streams[0].ServerStreams || desc.Streams[0].ClientStreams {
		return fmt.Errorf("rest: %s is more or less than one stream of answers", desc.ServiceName)
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
	if err != nil {
		return fmt.Errorf("rest: %s: %w", desc.ServiceName, err)
	}
	md := d.(protoreflect.ServiceDescriptor).Methods().Get(0)
	in, err := protoregistry.GlobalTypes.FindMessageByName(md.Input().FullName())
	if err != nil {
		return fmt.Errorf("rest: %s: %w", desc.ServiceName, err)
	}
	routes, err := methodRoutes(desc, grpc.MethodDesc{MethodName: string(md.Name())}, md)
	if err != nil {
		return err
	}
	for _, r := range routes {
		if r.verb != http.MethodGet {
			return fmt.Errorf("rest: %s streams the answer to a %s", r.operation, r.verb)
		}
		s.Route("/").Handle(r.verb, r.tmpl.pattern, func(c khttp.Context) error {
			khttp.SetOperation(c.Request().Context(), r.operation)
			msg := in.New().Interface()
			if err := r.bind(c, msg); err != nil {
				return err
			}
			return serve(c, msg)
		})
	}
	return nil
}
