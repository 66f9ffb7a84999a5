package gate

import (
	"context"
	"fmt"
	"regexp"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/transport"
	"google.golang.org/protobuf/proto"

	accesspb "hotline/api/access"
	"hotline/tenants"
)

func operation(ctx context.Context) string {
	if tr, ok := transport.FromServerContext(ctx); ok {
		return tr.Operation()
	}
	return ""
}

// timeout bounds every call.
func (g *Gate) timeout(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		return next(ctx, in)
	}
}

func unauthenticated() error { return errors.Unauthorized("UNAUTHENTICATED", "请先登录。") }

// notFound is the answer for another city's things, there or not.
func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

// noRule denies what declares no rule, to everybody.
func noRule() error {
	return errors.Forbidden("NO_RULE", "这个方法没有声明权限规则，任何人都不能调用。")
}

type ruleKey struct{}

func ruleOf(ctx context.Context) *accesspb.Rule {
	r, _ := ctx.Value(ruleKey{}).(*accesspb.Rule)
	return r
}

// identify finds the viewer (登录). Only methods that declare themselves public go on without one.
func (g *Gate) identify(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		// A method without a rule is denied by permit, not here: to nobody it is as closed as any other.
		rule := g.parts.RuleOf(operation(ctx))
		ctx = context.WithValue(ctx, ruleKey{}, rule)
		if rule.GetPublic() {
			return next(ctx, in)
		}
		header := ""
		if tr, ok := transport.FromServerContext(ctx); ok {
			header = tr.RequestHeader().Get("Authorization")
		}
		if header == "" {
			return nil, unauthenticated()
		}
		v, err := g.parts.Identify(ctx, header)
		if errors.IsUnauthorized(err) || err == nil && v == nil {
			return nil, unauthenticated() // one sentence, whatever was wrong with the token
		}
		if err != nil {
			return nil, err
		}
		note(ctx, func(c *call) { c.login, c.tenant = v.Login, v.Tenant })
		return next(tenants.With(ctx, v), in)
	}
}

var city = regexp.MustCompile(`^tenants/([0-9]{6})(/|$)`)

// cityOf is the city that a request names; empty when it names none properly, or two.
func cityOf(in any) (code string, named bool) {
	var paths []string
	if m, ok := in.(interface{ GetName() string }); ok {
		paths = append(paths, m.GetName())
	}
	if m, ok := in.(interface{ GetParent() string }); ok {
		paths = append(paths, m.GetParent())
	}
	for i, path := range paths {
		found := city.FindStringSubmatch(path)
		if found == nil || i > 0 && found[1] != code {
			return "", true
		}
		code = found[1]
	}
	return code, len(paths) > 0
}

// tenant binds the call to one city: the viewer's, and no other is there for them. A public call acts as that city's citizen.
func (g *Gate) tenant(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		code, named := cityOf(in)
		if named && code == "" {
			return nil, notFound()
		}
		if ruleOf(ctx).GetPublic() {
			if named {
				note(ctx, func(c *call) { c.tenant = code })
				ctx = tenants.With(ctx, tenants.CitizenOf(code))
			}
			return next(ctx, in)
		}
		if named && code != tenants.From(ctx).Tenant {
			return nil, notFound()
		}
		return next(ctx, in)
	}
}

// permit asks Casbin (权限). What is not declared is denied.
func (g *Gate) permit(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		rule := ruleOf(ctx)
		switch {
		case rule == nil:
			return nil, noRule()
		case rule.GetPublic(), rule.GetAny():
		case rule.GetObject() == "", rule.GetAct() == "",
			!g.parts.May(tenants.From(ctx).Roles(), rule.GetObject(), rule.GetAct()):
			return nil, errors.Forbidden("DENIED", "您的岗位不能做这件事。如确有需要，请联系本市管理员。")
		}
		return next(ctx, in)
	}
}

// again makes a call once more that failed for being a moment too early on this replica.
func (g *Gate) again(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		out, err := next(ctx, in)
		if err != nil && g.parts.Again != nil && g.parts.Again(ctx, err) {
			return next(ctx, in)
		}
		return out, err
	}
}

// conceal lets personal data out only as Shown, whatever the room did.
func (g *Gate) conceal(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		out, err := next(ctx, in)
		if err != nil {
			return nil, err
		}
		m, ok := out.(proto.Message)
		if !ok {
			return nil, fmt.Errorf("gate: answer %T is no proto message", out)
		}
		if err := Privacy(m); err != nil {
			return nil, err
		}
		return out, nil
	}
}
