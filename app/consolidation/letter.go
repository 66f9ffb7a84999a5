package consolidation

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listletter"
	"hotline/ent/listprogress"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// The kinds of what passes between a city and those above it (往来). Letters lie outside the cities, since both sides read them: every
// query here names the city, or the viewer's reach.
const (
	exception = "exception"
	question  = "question"
	urge      = "urge"
)

const (
	lettersPage  = 100 // shown at once
	lettersShown = 500 // carried at once
)

// ApplyException (申请例外) asks the centre for a new number, name or purpose.
func (s *Service) ApplyException(ctx context.Context, req *pb.ApplyExceptionRequest) (out *pb.Exception, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	if err := enterable(req.GetNumber()); err != nil {
		return nil, err
	}
	_, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		r, err := s.row(ctx, req.GetNumber(), list)
		if err != nil {
			return err
		}
		isNew := req.GetKind() == pb.ExceptionKind_NEW_NUMBER
		switch {
		case r != nil && r.cancelled():
			return refused("NUMBER_CANCELLED", "%s已整体并入，号码已取消，不能以例外恢复%s。", r.Number, clauseRestore)
		case r != nil && isNew:
			return known(r)
		case r == nil && !isNew:
			return notFound()
		}
		l, err := s.ent().ListLetter.Create().SetKind(exception).SetCity(placeOf(ctx)).SetNumber(req.GetNumber()).SetSubject(word(req.GetKind())).
			SetWanted(privacy.Scrub(req.GetWanted())).SetWords(privacy.Scrub(req.GetWords())).SetPapers(text(papersOf(req.GetPapers()))).
			SetAuthor(tenants.From(ctx).Login).SetPlace(placeOf(ctx)).SetStanding("open").SetCreatedAt(store.Now(ctx)).Save(ctx)
		if err != nil {
			return fmt.Errorf("exception: %w", err)
		}
		if err := s.record.Write(ctx, "exception.apply", fmt.Sprintf("就%s向国务院办公厅申请例外", l.Number)); err != nil {
			return err
		}
		out, err = renderException(ctx, l)
		return err
	})
	return out, err
}

// use takes a granted exception for exactly this number and wish, once; nil when there is none.
func (s *Service) use(ctx context.Context, number, kind, wanted string) (*paper, error) {
	l, err := s.ent().ListLetter.Query().Where(listletter.Kind(exception), listletter.City(placeOf(ctx)), listletter.Number(number),
		listletter.Subject(kind), listletter.Wanted(wanted), listletter.Standing("granted")).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("exception: %w", err)
	}
	n, err := s.ent().ListLetter.Update().Where(listletter.ID(l.ID), listletter.Standing("granted")).SetStanding("used").SetPending(true).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("exception: %w", err)
	}
	if n == 0 {
		return nil, conflict()
	}
	return &paper{Title: "国务院办公厅例外批准", Reference: l.Reference}, nil
}

// ListExceptions (例外申请) gives the city its own and the centre all, the newest first.
func (s *Service) ListExceptions(ctx context.Context, req *pb.ListExceptionsRequest) (*pb.ListExceptionsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	res := &pb.ListExceptionsResponse{}
	var err error
	res.NextPageToken, err = s.letters(ctx, exception, req, func(l *ent.ListLetter) error {
		e, err := renderException(ctx, l)
		if err == nil {
			res.Exceptions = append(res.Exceptions, e)
		}
		return err
	}, mine(ctx))
	return res, err
}

// mine is what the viewer's place may read of the letters: a city its own, a province what its cities ask for, the office all but what a
// province is asked.
func mine(ctx context.Context) predicate.ListLetter {
	switch place := placeOf(ctx); {
	case place == Office:
		return listletter.And(listletter.CityNEQ(""), listletter.Addressee(Office))
	case isProvince(place):
		return listletter.And(listletter.CityHasPrefix(place[4:]), listletter.Or(listletter.Kind(exception), listletter.Addressee(place)))
	default:
		return listletter.City(place)
	}
}

// letters gives a page of what the viewer may read of a kind: what is open first, then the newest. One that can't be shown keeps no other back.
func (s *Service) letters(ctx context.Context, kind string, page paged, each func(*ent.ListLetter) error, which ...predicate.ListLetter) (next string, err error) {
	size := int(page.GetPageSize())
	if size == 0 {
		size = lettersPage
	}
	open, before := true, uuid.Max
	if t := page.GetPageToken(); t != "" {
		part, id, _ := strings.Cut(t, ":")
		if open = part == "open"; uuid.Validate(id) != nil {
			return "", invalid("page_token", "翻页标记无效，请从第一页开始。")
		}
		before = uuid.MustParse(id)
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		for shown := 0; ; open, before = false, uuid.Max {
			standing, part := listletter.StandingNEQ("open"), "over"
			if open {
				standing, part = listletter.Standing("open"), "open"
			}
			rows, err := s.ent().ListLetter.Query().Where(listletter.Kind(kind), standing, listletter.IDLT(before)).Where(which...).
				Order(ent.Desc(listletter.FieldID)).Limit(size - shown + 1).All(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			for i, l := range rows {
				if shown == size {
					next = part + ":" + rows[max(i-1, 0)].ID.String()
					if i == 0 {
						next = part + ":" + uuid.Max.String()
					}
					return nil
				}
				shown++
				if err := each(l); err != nil {
					s.opts.Log.ErrorContext(ctx, "a letter can't be shown", "id", l.ID, "error", err.Error())
				}
			}
			if !open {
				return nil
			}
		}
	})
	return next, err
}

// paged is a request for a page.
type paged interface {
	GetPageSize() int32
	GetPageToken() string
}

// ReviewException (审核例外) is the province's opinion before the centre decides, given once.
func (s *Service) ReviewException(ctx context.Context, req *pb.ReviewExceptionRequest) (out *pb.Exception, err error) {
	id, err := letterID(ctx, req.GetName())
	if err != nil {
		return nil, err
	}
	if !isProvince(placeOf(ctx)) {
		return nil, notFound()
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		l, err := s.open(ctx, id, exception)
		if err != nil {
			return err
		}
		if l.Author == tenants.From(ctx).Login {
			return refused("SAME_PERSON", "这件是您提出的，请由另一位同志办理。")
		}
		if l.Opinion != "" {
			return refused("REVIEWED", "已经提出审核意见，不能重复办理。")
		}
		now := store.Now(ctx)
		l.Opinion, l.Supported, l.OpinionBy, l.OpinionAt = privacy.Scrub(req.GetOpinion()), req.GetSupport(), tenants.From(ctx).Login, &now
		n, err := s.ent().ListLetter.Update().Where(listletter.ID(id), listletter.Standing("open"), listletter.Opinion("")).SetOpinion(l.Opinion).
			SetSupported(l.Supported).SetOpinionBy(l.OpinionBy).SetOpinionAt(now).SetPending(true).Save(ctx)
		if err != nil {
			return fmt.Errorf("exception: %w", err)
		}
		if n == 0 {
			return conflict()
		}
		if out, err = renderException(ctx, l); err != nil {
			return err
		}
		return s.record.Write(ctx, "exception.review", fmt.Sprintf("审核%s的例外申请：%s", l.City, l.Opinion))
	})
	return out, err
}

// DecideException (审定例外) is the centre's decision; never of who asked.
func (s *Service) DecideException(ctx context.Context, req *pb.DecideExceptionRequest) (out *pb.Exception, err error) {
	standing := map[bool]string{true: "granted", false: "refused"}[req.GetGrant()]
	err = s.reply(ctx, req.GetName(), exception, func(ctx context.Context, l *ent.ListLetter) (err error) {
		l.Answer, l.Reference, l.Standing = privacy.Scrub(req.GetDecision()), privacy.Scrub(req.GetReference()), standing
		out, err = renderException(ctx, l)
		return err
	})
	return out, err
}

// reply answers an open letter at the place that was asked and says so in its record.
func (s *Service) reply(ctx context.Context, name, kind string, fill func(context.Context, *ent.ListLetter) error) error {
	id, err := letterID(ctx, name)
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		l, err := s.open(ctx, id, kind)
		if err != nil {
			return err
		}
		if l.Addressee != placeOf(ctx) {
			return notFound()
		}
		if l.Author == tenants.From(ctx).Login { // who has a post in the city too
			return refused("SAME_PERSON", "这件是您提出的，请由另一位同志办理。")
		}
		now := store.Now(ctx)
		l.AnsweredAt, l.AnsweredBy = &now, tenants.From(ctx).Login
		if err := fill(ctx, l); err != nil {
			return err
		}
		n, err := s.ent().ListLetter.Update().Where(listletter.ID(id), listletter.Standing("open")).SetStanding(l.Standing).SetAnswer(l.Answer).
			SetReference(l.Reference).SetPublished(l.Published).SetAnsweredBy(l.AnsweredBy).SetAnsweredAt(now).SetPending(true).Save(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
		if n == 0 {
			return conflict()
		}
		return s.record.Write(ctx, kind+".answer", fmt.Sprintf("答复%s：%s", l.City, l.Answer))
	})
}

func letterID(ctx context.Context, name string) (uuid.UUID, error) {
	if err := own(ctx, name); err != nil {
		return uuid.Nil, err
	}
	id, err := uuid.Parse(last(name))
	if err != nil {
		return uuid.Nil, notFound()
	}
	return id, nil
}

// open finds a letter that waits for an answer, within what the viewer's place may read.
func (s *Service) open(ctx context.Context, id uuid.UUID, kind string) (*ent.ListLetter, error) {
	l, err := s.ent().ListLetter.Query().Where(listletter.ID(id), listletter.Kind(kind), mine(ctx)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", kind, err)
	}
	if l.Standing != "open" {
		return nil, refused("ANSWERED", "已经答复，不能重复办理。")
	}
	return l, nil
}

func renderException(ctx context.Context, l *ent.ListLetter) (*pb.Exception, error) {
	out := &pb.Exception{Name: fmt.Sprintf("tenants/%s/exceptions/%s", placeOf(ctx), l.ID), City: l.City, Number: l.Number,
		Kind: enumOf[pb.ExceptionKind](pb.ExceptionKind_value, l.Subject), Wanted: l.Wanted, Words: l.Words, Standing: l.Standing,
		Decision: l.Answer, Reference: l.Reference, Author: l.Author, CreateTime: timestamppb.New(l.CreatedAt), DecideTime: stamp(l.AnsweredAt),
		Opinion: l.Opinion, Supported: l.Supported, OpinionTime: stamp(l.OpinionAt)}
	var papers []paper
	if err := json.Unmarshal([]byte(l.Papers), &papers); err != nil {
		return nil, fmt.Errorf("exception: %w", err)
	}
	out.Papers = renderPapers(papers)
	return out, nil
}

// Ask (请示问题) asks the centre, or the city's province.
func (s *Service) Ask(ctx context.Context, req *pb.AskRequest) (out *pb.Question, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	addressee := Office
	if req.GetProvince() {
		addressee = Province(placeOf(ctx))
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		l, err := s.ent().ListLetter.Create().SetKind(question).SetAddressee(addressee).SetCity(placeOf(ctx)).SetSubject(privacy.Scrub(req.GetTitle())).
			SetWords(privacy.Scrub(req.GetWords())).SetAuthor(tenants.From(ctx).Login).SetPlace(placeOf(ctx)).SetStanding("open").
			SetCreatedAt(store.Now(ctx)).Save(ctx)
		if err != nil {
			return fmt.Errorf("question: %w", err)
		}
		out = renderQuestion(ctx, l)
		return s.record.Write(ctx, "question.ask", "请示问题："+l.Subject)
	})
	return out, err
}

// ListQuestions (问题答复) gives one's own and the published ones.
func (s *Service) ListQuestions(ctx context.Context, req *pb.ListQuestionsRequest) (*pb.ListQuestionsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	res := &pb.ListQuestionsResponse{}
	var err error
	res.NextPageToken, err = s.letters(ctx, question, req, func(l *ent.ListLetter) error {
		res.Questions = append(res.Questions, renderQuestion(ctx, l))
		return nil
	}, listletter.Or(mine(ctx), listletter.And(listletter.Published(true), listletter.Standing("answered"))))
	return res, err
}

// AnswerQuestion (答复问题) answers it, and publishes both where that helps others.
func (s *Service) AnswerQuestion(ctx context.Context, req *pb.AnswerQuestionRequest) (out *pb.Question, err error) {
	err = s.reply(ctx, req.GetName(), question, func(ctx context.Context, l *ent.ListLetter) error {
		if req.GetPublish() && l.Addressee != Office {
			return invalid("publish", "只有国务院办公厅的答复向全国公开。")
		}
		l.Answer, l.Published, l.Standing = privacy.Scrub(req.GetAnswer()), req.GetPublish(), "answered"
		out = renderQuestion(ctx, l)
		return nil
	})
	return out, err
}

// renderQuestion leaves out which city asked, save for itself and the centre.
func renderQuestion(ctx context.Context, l *ent.ListLetter) *pb.Question {
	out := &pb.Question{Name: fmt.Sprintf("tenants/%s/questions/%s", placeOf(ctx), l.ID), Title: l.Subject, Words: l.Words, Answer: l.Answer,
		Published: l.Published, CreateTime: timestamppb.New(l.CreatedAt), AnswerTime: stamp(l.AnsweredAt), Addressee: l.Addressee}
	if p := placeOf(ctx); p == l.City || p == l.Addressee {
		out.City = l.City
	}
	return out
}

// SendUrge (催办) tells a city within the viewer's reach to get on, with one number or with the list.
func (s *Service) SendUrge(ctx context.Context, req *pb.SendUrgeRequest) (out *pb.Urge, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	if err := day("due_date", req.GetDueDate()); err != nil {
		return nil, err
	}
	if req.GetDueDate() < today(store.Moment(ctx)) {
		return nil, invalid("due_date", "催办期限%s已过，请改为今天或以后。", req.GetDueDate())
	}
	_, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		r, err := s.reach(ctx)
		if err != nil {
			return err
		}
		c := r.city(req.GetCity())
		if c == nil {
			return notFound()
		}
		if n := req.GetNumber(); n != "" {
			there, err := s.ent().ListProgress.Query().Where(listprogress.City(c.Code), listprogress.Number(n)).Exist(ctx)
			if err != nil {
				return fmt.Errorf("progress: %w", err)
			}
			if list.Entry(n) == nil && !there {
				return notFound()
			}
		}
		due := endOf(req.GetDueDate())
		l, err := s.ent().ListLetter.Create().SetKind(urge).SetCity(c.Code).SetNumber(req.GetNumber()).SetSubject(r.title).
			SetWords(privacy.Scrub(req.GetWords())).SetAuthor(tenants.From(ctx).Login).SetPlace(placeOf(ctx)).SetStanding("sent").
			SetDueAt(due).SetCreatedAt(store.Now(ctx)).Save(ctx)
		if err != nil {
			return fmt.Errorf("urge: %w", err)
		}
		out = renderUrge(l)
		return s.record.Write(ctx, "urge.send", fmt.Sprintf("催办%s%s：%s", c.Title, req.GetNumber(), l.Words))
	})
	return out, err
}

// ListUrges (催办记录) gives a city what it was urged to do, and others what their place sent.
func (s *Service) ListUrges(ctx context.Context, req *pb.ListUrgesRequest) (*pb.ListUrgesResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	res := &pb.ListUrgesResponse{}
	var err error
	res.NextPageToken, err = s.letters(ctx, urge, req, func(l *ent.ListLetter) error {
		res.Urges = append(res.Urges, renderUrge(l))
		return nil
	}, listletter.Or(listletter.City(placeOf(ctx)), listletter.Place(placeOf(ctx))))
	return res, err
}

func renderUrge(l *ent.ListLetter) *pb.Urge {
	out := &pb.Urge{City: l.City, Number: l.Number, Words: l.Words, From: l.Subject, CreateTime: timestamppb.New(l.CreatedAt)}
	if l.DueAt != nil {
		out.DueDate = calendar.DateOf(l.DueAt.Add(-1)).String()
	}
	return out
}
