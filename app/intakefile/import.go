package intakefile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"

	kratos "github.com/go-kratos/kratos/v2/errors"

	caseworkv1 "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/tenants"
	"hotline/tenants/policy/fault"
)

// Sum (合计) is how far an import has come.
type Sum struct {
	Lines   int // lines read, without empty ones
	TakenIn int // taken in now
	Already int // taken in before
	Wrong   int // reported and passed over
}

func (s Sum) String() string {
	return fmt.Sprintf("共 %d 行：受理 %d 件，此前已受理 %d 件，有误 %d 行", s.Lines, s.TakenIn, s.Already, s.Wrong)
}

// Import (批量受理) takes in every line of the source, in the city of the viewer, and closes the source. Wrong hears of each bad
// line and of notes, progress after each line. It stops between lines when ctx ends, and at the first error that is no
// fault of a line; run again, it finds by source_id what was taken in before.
func Import(ctx context.Context, intake *casework.Service, src *Source, wrong func(line int, err error), progress func(Sum)) (sum Sum, err error) {
	defer func() { err = errors.Join(err, src.Close()) }()
	viewer := tenants.From(ctx)
	if viewer == nil {
		return sum, errors.New("import: no viewer in the context")
	}
	b := &batch{intake: intake, parent: "tenants/" + viewer.Tenant, run: rand.Text()}
	for {
		if err := ctx.Err(); err != nil {
			return sum, err
		}
		line, in, err := src.Next()
		if errors.Is(err, io.EOF) {
			return sum, nil
		}
		if err == nil {
			err = b.take(ctx, line, in)
		}
		var note *Note
		if errors.As(err, &note) {
			wrong(line, err)
			continue
		}
		if err := sum.count(line, err, wrong); err != nil {
			return sum, err
		}
		progress(sum)
	}
}

// count enters one line; an error that is no fault of the line comes back.
func (s *Sum) count(line int, err error, wrong func(int, error)) error {
	var fault *Bad
	switch {
	case err == nil:
		s.TakenIn++
	case errors.Is(err, errAlready):
		s.Already++
	case errors.As(err, &fault):
		s.Wrong++
		wrong(line, err)
	default:
		return fmt.Errorf("line %d: %w", line, err)
	}
	s.Lines++
	return nil
}

var errAlready = errors.New("taken in before")

// batch is one run over a file.
type batch struct {
	intake *casework.Service
	parent string
	run    string
}

// take takes one line in. The request_id is new with every run: with the same one intake would answer a second run as it did
// the first, and nobody could tell what is new; that nothing comes in twice is for source_id to see to.
func (b *batch) take(ctx context.Context, line int, in *caseworkv1.IntakeRequest) error {
	if in.GetParent() != "" && in.GetParent() != b.parent {
		return wrongField("city", "这一行属于另一城市，请导入该城市。")
	}
	in.Parent, in.RequestId = b.parent, fmt.Sprintf("import-%s-%d", b.run, line)
	faults, err := fault.Check(in, "")
	if err != nil {
		return err
	}
	if err := faults.Err(); err != nil {
		return judge(err)
	}
	_, err = b.intake.Intake(ctx, in)
	return judge(err)
}

// judge tells a refusal, which is the line's fault, from trouble. Of a refusal only the sentence for people stays.
func judge(err error) error {
	var said *kratos.Error
	if !errors.As(err, &said) {
		return err
	}
	switch said.GetCode() {
	case http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity:
		if said.GetReason() == "ALREADY_TAKEN_IN" {
			return errAlready
		}
		return &Bad{said.GetMessage()}
	}
	return err
}
