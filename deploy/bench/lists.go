package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hotline/app/house"
	"hotline/app/play"
)

// few is how many orders the city has whose list stands beside the big city's.
const few = 10_000

// lists measures pages of a city of few orders and of one of many, in turns, so that whatever else the machine does hits both.
func lists(ctx context.Context, h *house.House, stage *play.Stage, name, url string, many int, span time.Duration) error {
	cities := []struct {
		code string
		size int
	}{{"110000", few}, {"120000", many}}
	for _, c := range cities {
		start := time.Now()
		if err := fill(ctx, h, stage, url, c.code, c.size); err != nil {
			return fmt.Errorf("fill %s: %w", c.code, err)
		}
		fmt.Printf("%d orders written in %s\n", c.size, time.Since(start).Round(time.Second))
	}
	for _, by := range []string{"due_time", "receive_time desc"} {
		var walks []*walk
		for _, c := range cities {
			p, err := stage.As(ctx, "supervisor."+c.code)
			if err != nil {
				return err
			}
			walks = append(walks, &walk{p: p, city: c.code, by: by, title: fmt.Sprintf("%s: page of 50 of %d orders, %s", name, c.size, by)})
			unit, had, err := busiest(ctx, h, c.code)
			if err != nil {
				return err
			}
			for _, login := range []string{strings.ToLower(unit), "lead." + strings.ToLower(unit)} {
				if p, err = stage.As(ctx, login+"."+c.code); err != nil {
					return err
				}
				walks = append(walks, &walk{p: p, city: c.code, by: by, title: fmt.Sprintf("%s: page of 50 of %d orders, %s, seen by %s, whose unit had %d",
					name, c.size, by, login, had)})
			}
		}
		for start := time.Now(); time.Since(start) < 2*span; {
			for _, w := range walks {
				if err := w.turn(ctx); err != nil {
					return err
				}
			}
		}
		for _, w := range walks {
			report(w.title+", first page", result{times: w.first, done: int64(len(w.first)), span: 2 * span})
			report(w.title+", following pages", result{times: w.following, done: int64(len(w.following)), span: 2 * span})
		}
	}
	return nil
}

// walk is a person who looks at the first page of their city's list and turns the pages, by turns.
type walk struct {
	p               *play.Person
	city, by, title string
	token           string // of the page to turn to
	first           []time.Duration
	following       []time.Duration
}

// turn asks for the first page when the last was another, and for the next one otherwise. After the last it begins anew.
func (w *walk) turn(ctx context.Context) error {
	if len(w.first) <= len(w.following) || w.token == "" {
		next, took, err := w.page(ctx, "")
		if w.token == "" {
			w.token = next
		}
		w.first = append(w.first, took)
		return err
	}
	next, took, err := w.page(ctx, w.token)
	w.token, w.following = next, append(w.following, took)
	return err
}

func (w *walk) page(ctx context.Context, token string) (next string, took time.Duration, err error) {
	query := url.Values{"page_size": {"50"}, "order_by": {w.by}, "page_token": {token}}
	start := time.Now()
	raw, err := w.p.Raw(ctx, http.MethodGet, "/v1/tenants/"+w.city+"/workOrders?"+query.Encode(), nil)
	if err != nil {
		return "", 0, err
	}
	took = time.Since(start)
	var out struct {
		WorkOrders    []json.RawMessage
		NextPageToken string
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return "", 0, err
	}
	if len(out.WorkOrders) != 50 && out.NextPageToken != "" {
		return "", 0, fmt.Errorf("a page of %d orders", len(out.WorkOrders))
	}
	return out.NextPageToken, took, nil
}
