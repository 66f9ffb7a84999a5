// Package play walks requests through the real API as the people whose step it is (演练): the demo, the check of the whole way
// and the scenarios use it. It knows nothing that an outside client could not know.
package play

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tenantpb "hotline/api/tenant/v1"
)

// Stage is a running platform and the people who work on it.
type Stage struct {
	Base     string // http://127.0.0.1:8080
	Client   *http.Client
	Password string // of all demo accounts

	mu     sync.Mutex
	people map[string]*Person
}

// Person is one signed-in account; the nobody of a Stage has no token.
type Person struct {
	stage *Stage
	Login string
	token string
}

// Refusal is an answer that is not a success, in the platform's one error shape.
type Refusal struct {
	Code       int    `json:"code"`
	Reason     string `json:"reason"`
	Message    string `json:"message"`
	Violations []struct {
		Field       string `json:"field"`
		Description string `json:"description"`
	} `json:"violations"`
	TraceID string `json:"traceId"`
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d %s %s", r.Code, r.Reason, r.Message) }

// Nobody (未登录的人) is a caller without an account: the citizen.
func (s *Stage) Nobody() *Person { return &Person{stage: s} }

// As signs the person in; once per login.
func (s *Stage) As(ctx context.Context, login string) (*Person, error) {
	s.mu.Lock()
	p := s.people[login]
	s.mu.Unlock()
	if p != nil {
		return p, nil
	}
	var out tenantpb.LoginResponse
	err := s.Nobody().Do(ctx, http.MethodPost, "/v1/sessions:login", &tenantpb.LoginRequest{Login: login, Password: s.Password}, &out)
	if err != nil {
		return nil, fmt.Errorf("login %s: %w", login, err)
	}
	p = &Person{s, login, out.GetTokens().GetAccessToken()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.people == nil {
		s.people = map[string]*Person{}
	}
	s.people[login] = p
	return p, nil
}

// Token is the access token, for who calls in a way of their own.
func (p *Person) Token() string { return p.token }

// Do calls the API; an answer that is no success is a *Refusal.
func (p *Person) Do(ctx context.Context, method, path string, in, out proto.Message) error {
	var body io.Reader
	if in != nil {
		b, err := protojson.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(b)
	}
	raw, err := p.Raw(ctx, method, path, body)
	if err != nil {
		return err
	}
	if out == nil {
		return nil
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(raw, out)
}

// Raw calls the API with a body as it is.
func (p *Person) Raw(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.stage.Base+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/json")
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	res, err := p.stage.Client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		f := &Refusal{Code: res.StatusCode}
		if err := json.Unmarshal(raw, f); err != nil {
			return nil, fmt.Errorf("%s %s: status %d, not in the error shape", method, path, res.StatusCode)
		}
		return nil, f
	}
	return raw, nil
}

// Post is the usual act: a request out, an answer back.
func Post[T any, P interface {
	*T
	proto.Message
}](ctx context.Context, p *Person, path string, in proto.Message) (P, error) {
	out := P(new(T))
	return out, p.Do(ctx, http.MethodPost, path, in, out)
}
