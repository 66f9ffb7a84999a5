package consolidation

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emmansun/gmsm/sm3"

	"hotline/tenants/calendar"
)

// Document (清单签名件) is a version of the list as text that people and programs read alike. There is one way to write a list:
// what does not read back into the same bytes is no document.
type Document struct {
	Version   int
	Title     string
	Basis     string
	Effective string // 2020-12-28
	Deadline  string
	Issued    time.Time // when it was signed
	Previous  string    // digest of the version before; empty in the first
	Key       string    // suite:base64 of the office's public key
	Entries   []Entry
	Signature []byte

	raw    []byte
	digest string
}

// Entry (清单条目) is one number of the list.
type Entry struct {
	Mode      string
	Seq       int
	Number    string
	Authority string
	Experts   bool
	Title     string
}

const (
	firstLine    = "12345-consolidation-list 1"
	maxDocument  = 256 << 10
	signatureTag = "signature="
)

// Errors of documents that callers may tell apart.
var (
	ErrMalformed = errors.New("清单文件格式不对或被改动过")
	ErrForged    = errors.New("清单签名不对：不是国务院办公厅签署的，或被改动过")
)

// order is that of the annex: whole merges first, each group by its numbers.
func order(a, b Entry) int {
	if d := rank(b.Mode) - rank(a.Mode); d != 0 {
		return d
	}
	return a.Seq - b.Seq
}

// body is what the signature covers.
func (d *Document) body() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\nversion=%d\ntitle=%s\nbasis=%s\neffective=%s\ndeadline=%s\nissued=%s\nprevious=%s\nkey=%s\n", firstLine,
		d.Version, d.Title, d.Basis, d.Effective, d.Deadline, d.Issued.UTC().Format(time.RFC3339), d.Previous, d.Key)
	for _, e := range d.Entries {
		experts := "-"
		if e.Experts {
			experts = "experts"
		}
		fmt.Fprintf(&b, "entry=%s\t%d\t%s\t%s\t%s\t%s\n", e.Mode, e.Seq, e.Number, e.Authority, experts, e.Title)
	}
	return b.Bytes()
}

// Bytes is the whole document.
func (d *Document) Bytes() []byte {
	return append(d.body(), signatureTag+base64.StdEncoding.EncodeToString(d.Signature)+"\n"...)
}

// Digest names the document by what was signed: SHA-256, or SM3 under an SM2 key.
func (d *Document) Digest() string {
	if d.digest != "" {
		return d.digest
	}
	return digest(d.Key, d.body())
}

func digest(key string, body []byte) string {
	if strings.HasPrefix(key, "sm2:") {
		sum := sm3.Sum(body)
		return hex.EncodeToString(sum[:])
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

// Entry finds a number; nil when it is not on the list.
func (d *Document) Entry(number string) *Entry {
	for i := range d.Entries {
		if d.Entries[i].Number == number {
			return &d.Entries[i]
		}
	}
	return nil
}

// Parse reads a document without looking at who signed it.
func Parse(raw []byte) (*Document, error) {
	d, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(d.Bytes(), raw) {
		return nil, ErrMalformed
	}
	d.raw, d.digest = bytes.Clone(raw), d.Digest()
	return d, nil
}

func parse(raw []byte) (*Document, error) {
	if len(raw) > maxDocument || !utf8.Valid(raw) {
		return nil, ErrMalformed
	}
	lines := strings.Split(string(raw), "\n")
	if len(lines) < 12 || lines[0] != firstLine || lines[len(lines)-1] != "" {
		return nil, ErrMalformed
	}
	d := &Document{}
	var issued string
	var version string
	for i, into := range []struct {
		tag  string
		text *string
	}{{"version=", &version}, {"title=", &d.Title}, {"basis=", &d.Basis}, {"effective=", &d.Effective}, {"deadline=", &d.Deadline},
		{"issued=", &issued}, {"previous=", &d.Previous}, {"key=", &d.Key}} {
		text, ok := strings.CutPrefix(lines[i+1], into.tag)
		if !ok {
			return nil, ErrMalformed
		}
		*into.text = text
	}
	var err error
	if d.Version, err = strconv.Atoi(version); err != nil || d.Version < 1 {
		return nil, ErrMalformed
	}
	if d.Issued, err = time.Parse(time.RFC3339, issued); err != nil {
		return nil, ErrMalformed
	}
	for _, line := range lines[9 : len(lines)-2] {
		e, ok := parseEntry(line)
		if !ok {
			return nil, ErrMalformed
		}
		d.Entries = append(d.Entries, e)
	}
	signature, ok := strings.CutPrefix(lines[len(lines)-2], signatureTag)
	if d.Signature, err = base64.StdEncoding.DecodeString(signature); !ok || err != nil {
		return nil, ErrMalformed
	}
	return d, nil
}

func parseEntry(line string) (Entry, bool) {
	text, ok := strings.CutPrefix(line, "entry=")
	f := strings.Split(text, "\t")
	if !ok || len(f) != 6 {
		return Entry{}, false
	}
	seq, err := strconv.Atoi(f[1])
	return Entry{Mode: f[0], Seq: seq, Number: f[2], Authority: f[3], Experts: f[4] == "experts", Title: f[5]}, err == nil
}

// sound says what is wrong with a list by itself; nil when nothing is.
func (d *Document) sound() error {
	for _, f := range []struct{ field, text string }{{"title", d.Title}, {"basis", d.Basis}} {
		if f.text == "" || strings.ContainsFunc(f.text, unicode.IsControl) {
			return invalid(f.field, "必须填写，且不能含有换行等控制字符。")
		}
	}
	effective, err1 := calendar.ParseDate(d.Effective)
	deadline, err2 := calendar.ParseDate(d.Deadline)
	if err1 != nil || err2 != nil || deadline.Start().Before(effective.Start()) {
		return invalid("deadline_date", "生效日期和完成期限应为真实的日期，完成期限不早于生效日期。")
	}
	if !slices.IsSortedFunc(d.Entries, order) {
		return ErrMalformed
	}
	numbers, places := map[string]bool{}, map[string]bool{}
	for _, e := range d.Entries {
		if err := enterable(e.Number); err != nil {
			return err
		}
		place := fmt.Sprint(e.Mode, e.Seq)
		switch {
		case modeTitles[e.Mode] == "" || e.Mode == "":
			return invalid("entries", "%s没有归并方式。", e.Number)
		case e.Title == "" || e.Authority == "" || strings.ContainsFunc(e.Title+e.Authority+e.Number, unicode.IsControl):
			return invalid("entries", "%s的名称、号码、责任单位都要填写，不能含有控制字符。", e.Number)
		case numbers[e.Number]:
			return invalid("entries", "号码%s出现了两次。", e.Number)
		case places[place]:
			return invalid("entries", "%s第%d号出现了两次。", modeTitles[e.Mode], e.Seq)
		}
		numbers[e.Number], places[place] = true, true
	}
	return nil
}

// follows says why d can't be the version after base; nil when it can. What was listed stays listed and is never led back.
func (d *Document) follows(base *Document) error {
	if d.Version != base.Version+1 || d.Previous != base.Digest() {
		return refused("LIST_CHAIN", "第 %d 版不接在第 %d 版之后。", d.Version, base.Version)
	}
	if d.Effective < base.Effective {
		return invalid("effective_date", "生效日期不能早于上一版的%s。", base.Effective)
	}
	for _, was := range base.Entries {
		now := d.Entry(was.Number)
		if now == nil {
			return refused("ENTRY_REMOVED", "清单条目只增不减：%s（%s）仍要列在清单上，要取消号码请改为整体并入。", was.Number, was.Title)
		}
		if rank(now.Mode) < rank(was.Mode) {
			return refused("NEVER_BACK", "%s已列为%s，不能退回%s，只能向更实质的归并升级%s。", was.Number, modeTitles[was.Mode],
				modeTitles[now.Mode], clausePromote)
		}
	}
	return nil
}

// genuine wants the signature of the key; key is the one that is trusted here.
func (d *Document) genuine(key string) error {
	if d.Key != key || !verify(d.Key, d.body(), d.Signature) {
		return ErrForged
	}
	return nil
}

// Verify (验签) says whether the bytes are a list signed by the key; with an empty key, by the one that it names itself.
func Verify(raw []byte, key string) (*Document, error) {
	d, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	if key == "" {
		key = d.Key
	}
	if err := d.genuine(key); err != nil {
		return nil, err
	}
	return d, d.sound()
}
