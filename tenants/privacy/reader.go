package privacy

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Look is one line for the read ledger (查阅台账): which fields of which row were seen
// in full, in which situation, and why. Who and when the ledger knows itself.
type Look struct {
	Row       string
	Fields    []string
	Situation Situation
	Reason    string
}

// Reader is one viewer in one situation (查看者): the road from Personal to text. It is
// made per request and not meant to be shared by goroutines that change it.
type Reader struct {
	Keys      *Keyring
	Policy    *Policy
	Roles     []string
	Situation Situation
	// Revealed names the fields for which the viewer has an open time-boxed reveal.
	Revealed map[string]bool
	// Ledger writes one line, in the transaction of the request. If it fails, nothing
	// is shown.
	Ledger func(ctx context.Context, l Look) error
	Reason string
	// known are names that Know was told.
	known []string
}

// Field is a named datum of a row.
type Field struct {
	Name string
	Data Personal
}

// Shown is what the viewer gets of a field.
type Shown struct {
	Text    string
	Sight   Sight
	Why     string // in Chinese, for the screen
	Askable bool   // the viewer may give a reason and see it in full
}

// The reasons that a screen shows beside a field.
const (
	whyAbsent       = "未提供"
	whyClear        = "按本市隐私规则可见；查看已记入台账"
	whyRevealed     = "已说明理由，限时查看；查看已记入台账"
	whyMasked       = "按本市隐私规则脱敏"
	whyHidden       = "按本市隐私规则不显示"
	whyConfidential = "保密工单，诉求人身份对承办单位隐藏"
	askMore         = "；因工作需要可说明理由后查看"
)

// Show gives each field as the policy allows. Call it once per order with all fields:
// the names of those shown in full are written to the ledger in one line before
// anything is returned, and the Name among the fields is taken out of masked texts.
func (r *Reader) Show(ctx context.Context, row string, confidential bool, fields ...Field) ([]Shown, error) {
	if r.Keys == nil || r.Policy == nil {
		return nil, errors.New("查看个人信息要有密钥和隐私规则")
	}
	shown := make([]Shown, len(fields))
	plain := make([]string, len(fields))
	var seen []string
	known := append([]string(nil), r.known...)
	for i, f := range fields {
		shown[i] = r.judge(f, confidential)
		var err error
		if plain[i], err = r.plain(row, f, shown[i].Sight); err != nil {
			return nil, err
		}
		if shown[i].Sight == Clear {
			seen = append(seen, f.Name)
		}
		if f.Data.Class() == Name {
			known = append(known, plain[i])
		}
	}
	if len(seen) > 0 {
		if err := r.record(ctx, Look{Row: row, Fields: seen, Situation: r.Situation, Reason: r.Reason}); err != nil {
			return nil, err
		}
	}
	for i, f := range fields {
		shown[i].Text = display(shown[i].Sight, f.Data.Class(), plain[i], known)
	}
	return shown, nil
}

// plain opens what will be shown, and a name even if it is hidden: texts that are
// shown masked must lose it.
func (r *Reader) plain(row string, f Field, sight Sight) (string, error) {
	if sight == Hide && f.Data.Class() != Name {
		return "", nil
	}
	plain, err := r.Keys.open(f.Data, row)
	if err != nil {
		return "", fmt.Errorf("字段 %s: %w", f.Name, err)
	}
	return plain, nil
}

func display(sight Sight, class Class, plain string, known []string) string {
	switch {
	case sight == Hide:
		return ""
	case sight == Clear:
		return plain
	case class == Text:
		return Scrub(plain, known...)
	}
	return MaskOf(class, plain)
}

// judge decides a field without opening it.
func (r *Reader) judge(f Field, confidential bool) Shown {
	class := f.Data.Class()
	if f.Data.Empty() {
		return Shown{Why: whyAbsent}
	}
	may := r.Situation.known() && clearRoads[r.Situation] && r.Policy.MayReveal(r.Roles, class, confidential)
	if may && r.Revealed[f.Name] {
		return Shown{Sight: Clear, Why: whyRevealed + "。"}
	}
	at := r.Situation
	if at == Reveal {
		// Nothing was asked for this field, so it looks as on the detail page.
		at = Detail
	}
	sight := r.Policy.Sight(r.Roles, class, at, confidential)
	why := [sights]string{whyHidden, whyMasked, whyClear}[sight]
	if confidential && sight < r.Policy.Sight(r.Roles, class, at, false) {
		why = whyConfidential
	}
	askable := may && sight != Clear
	if askable {
		why += askMore
	}
	return Shown{Sight: sight, Why: why + "。", Askable: askable}
}

func (r *Reader) record(ctx context.Context, l Look) error {
	if r.Ledger == nil {
		return ErrNoLedger
	}
	if err := r.Ledger(ctx, l); err != nil {
		return fmt.Errorf("查阅台账: %w", err)
	}
	return nil
}

// Open gives the plaintexts for the system's own legitimate use (系统用途), such as
// dialling or sealing for another city. The policy isn't asked, so the purpose is
// required, and it is written to the ledger before anything opens.
func (r *Reader) Open(ctx context.Context, row string, purpose string, fields ...Field) ([]string, error) {
	if strings.TrimFunc(purpose, blank) == "" {
		return nil, errors.New("打开个人信息要写明用途")
	}
	if r.Keys == nil {
		return nil, errors.New("打开个人信息要有密钥")
	}
	var names []string
	for _, f := range fields {
		if !f.Data.Empty() {
			names = append(names, f.Name)
		}
	}
	if len(names) > 0 {
		if err := r.record(ctx, Look{Row: row, Fields: names, Situation: r.Situation, Reason: purpose}); err != nil {
			return nil, err
		}
	}
	plain := make([]string, len(fields))
	for i, f := range fields {
		var err error
		if plain[i], err = r.Keys.open(f.Data, row); err != nil {
			return nil, fmt.Errorf("字段 %s: %w", f.Name, err)
		}
	}
	return plain, nil
}
