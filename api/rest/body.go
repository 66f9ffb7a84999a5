package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// MaxBody is how many bytes a request body may have unless BodyLimit says otherwise. Files
// do not come this way.
const MaxBody = 1 << 20

const invalidJSON = "INVALID_JSON"

// bindBody fills msg from the body as the route's annotation says. An empty body is an
// empty message.
func (r route) bindBody(w http.ResponseWriter, req *http.Request, msg proto.Message) error {
	data, err := readBody(w, req, r.maxBody)
	if err != nil || len(data) == 0 {
		return err
	}
	if !r.bodyAll && r.body == nil {
		// Some clients send an empty object with every call; more than that would be lost.
		if string(data) == "{}" {
			return nil
		}
		return invalid(invalidJSON, "这个地址不接收请求正文。", "", "")
	}
	if err := checkContentType(req.Header.Get("Content-Type")); err != nil {
		return err
	}
	if r.body != nil {
		// Checked before it is wrapped, or `{},"other":1` would reach a second field.
		if !json.Valid(data) {
			return invalid(invalidJSON, "请求正文不是正确的 JSON。", "", "")
		}
		data = fmt.Appendf(nil, `{%q:%s}`, r.body.JSONName(), data)
	}
	return decodeJSON(data, msg)
}

// decodeJSON reads strict protobuf JSON.
func decodeJSON(data []byte, msg proto.Message) error {
	if err := protojson.Unmarshal(data, msg); err != nil {
		return jsonError(data, err)
	}
	// PostgreSQL cannot store a NUL in a text, so it would fail only then, and as our fault.
	// JSON can only spell it as an escape; a body without one need not be walked again.
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return nil
	}
	if field, found := fieldWhere(data, func(tok json.Token, _ int64) bool {
		text, ok := tok.(string)
		return ok && strings.ContainsRune(text, 0)
	}); found {
		return invalid(invalidJSON, "请求正文里字段的值不对："+clip(field)+"。", field, "文字里不能有空字符。")
	}
	return nil
}

// readBody reads the body up to the limit and trims the white space around it.
func readBody(w http.ResponseWriter, req *http.Request, limit int64) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	data, err := io.ReadAll(http.MaxBytesReader(w, req.Body, limit))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, kerrors.Newf(http.StatusRequestEntityTooLarge, "TOO_LARGE", "请求正文太大，最多 %d 字节。", tooLarge.Limit)
	}
	if err != nil {
		return nil, invalid(invalidJSON, "请求正文没有收全，请重新发送。", "", "").WithCause(err)
	}
	return bytes.TrimSpace(data), nil
}

// checkContentType takes JSON and silence. The types an HTML form can send are refused
// also because a page of another site could post them in the user's name.
func checkContentType(ct string) error {
	if ct == "" {
		return nil
	}
	mt, _, err := mime.ParseMediaType(ct)
	if err == nil && (mt == "application/json" || strings.HasPrefix(mt, "application/") && strings.HasSuffix(mt, "+json")) {
		return nil
	}
	return kerrors.New(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "请求正文只接收 JSON（Content-Type: application/json）。")
}

var positionRE = regexp.MustCompile(`\(line (\d+):(\d+)\)`)

// jsonError turns an error of protojson into a refusal that names the field. Its texts
// are not stable, so only the position and the kind are taken from it, and without them
// the refusal is merely less exact.
func jsonError(data []byte, err error) error {
	text := err.Error()
	// protojson calls a text where an object belongs a syntax error too, so ask anew.
	if !json.Valid(data) || !utf8.Valid(data) {
		return invalid(invalidJSON, "请求正文不是正确的 JSON。", "", "").WithCause(err)
	}
	offset := errorOffset(data, text)
	field, _ := fieldWhere(data, func(_ json.Token, end int64) bool { return offset >= 0 && end > int64(offset) })
	switch {
	case field == "":
		return invalid(invalidJSON, "请求正文的内容不符合要求。", "", "").WithCause(err)
	case strings.Contains(text, "unknown field"):
		return invalid(invalidJSON, "请求正文里有不认识的字段："+clip(field)+"。", field, "没有这个字段。").WithCause(err)
	case strings.Contains(text, "duplicate field") || strings.Contains(text, "already set"):
		return invalid(invalidJSON, "请求正文里的字段重复或互相冲突："+clip(field)+"。", field, "字段重复或互相冲突。").WithCause(err)
	}
	return invalid(invalidJSON, "请求正文里字段的值不对："+clip(field)+"。", field, "值的类型或格式不对。").WithCause(err)
}

// errorOffset converts the line and column of an error to a byte offset, -1 if unknown.
func errorOffset(data []byte, text string) int {
	m := positionRE.FindStringSubmatch(text)
	if m == nil {
		return -1
	}
	line, _ := strconv.Atoi(m[1])
	column, _ := strconv.Atoi(m[2])
	offset := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(data[offset:], '\n')
		if i < 0 {
			return -1
		}
		offset += i + 1
	}
	for ; column > 1 && offset < len(data); column-- {
		_, size := utf8.DecodeRune(data[offset:])
		offset += size
	}
	return offset
}

// level is one nesting level on the way to a JSON value.
type level struct {
	array  bool
	index  int
	key    string
	hasKey bool
}

// fieldWhere names the field of the first key or value that is wanted, of which it
// passes on the end, as "petitioner.phones[1]".
func fieldWhere(data []byte, wanted func(tok json.Token, end int64) bool) (field string, found bool) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var levels []level
	for {
		tok, err := dec.Token()
		if err != nil {
			return "", false
		}
		found := wanted(tok, dec.InputOffset())
		if key, ok := tok.(string); ok && len(levels) > 0 {
			if top := &levels[len(levels)-1]; !top.array && !top.hasKey {
				top.key, top.hasKey = key, true
				if found {
					return fieldPath(levels), true
				}
				continue
			}
		}
		if found {
			return fieldPath(levels), true
		}
		levels = step(levels, tok)
	}
}

// step moves on over a value, or into or out of an object or array.
func step(levels []level, tok json.Token) []level {
	switch tok {
	case json.Delim('{'):
		return append(levels, level{})
	case json.Delim('['):
		return append(levels, level{array: true})
	case json.Delim('}'), json.Delim(']'):
		levels = levels[:len(levels)-1]
	}
	if len(levels) > 0 {
		top := &levels[len(levels)-1]
		top.index++
		top.hasKey = false
	}
	return levels
}

func fieldPath(levels []level) string {
	var b strings.Builder
	for _, l := range levels {
		switch {
		case l.array:
			fmt.Fprintf(&b, "[%d]", l.index)
		case b.Len() > 0:
			b.WriteString("." + l.key)
		default:
			b.WriteString(l.key)
		}
	}
	return b.String()
}
