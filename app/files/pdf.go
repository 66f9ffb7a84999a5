package files

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
)

// What a PDF may not do (主动内容): run, start, carry or send something. Links a person clicks are fine.
var actingNames = map[string]string{
	"JavaScript": "脚本", "JS": "脚本", "Launch": "启动程序的动作", "EmbeddedFile": "内嵌的文件", "EmbeddedFiles": "内嵌的文件",
	"RichMedia": "内嵌的多媒体", "Rendition": "内嵌的多媒体", "XFA": "动态表单", "AA": "自动执行的动作", "GoToE": "打开内嵌文件的动作",
	"SubmitForm": "向外发送内容的动作", "ImportData": "读取外部数据的动作",
}

const unpackedPDF = 64 << 20 // bytes that the object streams of one PDF may unpack to

var objectRE = regexp.MustCompile(`[0-9][\x00\t\n\f\r ]+obj[^a-zA-Z]`)

// cleanPDF refuses a PDF that does something by itself, or that hides its inside. It reads names, not structure: what a reader of
// PDFs could find by any road must stand somewhere as a name.
func cleanPDF(b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.Contains(b[max(0, len(b)-2048):], []byte("%%EOF")) {
		return nil, damaged()
	}
	left := int64(unpackedPDF)
	for rest := b; len(rest) > 0; {
		text, stream, after := cutStream(rest)
		if err := acts(text); err != nil {
			return nil, err
		}
		if objectRE.Match(stream) { // no stream at all, only made to look like one
			if err := acts(stream); err != nil {
				return nil, err
			}
		}
		if err := packed(text, stream, &left); err != nil {
			return nil, err
		}
		rest = after
	}
	return b, nil
}

// cutStream cuts a PDF at its next stream: what stands before it with the dictionary that describes it, the stream, and what follows.
func cutStream(b []byte) (text, stream, after []byte) {
	const word = "stream"
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte(word))
		if i < 0 {
			return b, nil, nil
		}
		text, at = b[:at+i], at+i+len(word)
		if at < len(b) && (b[at] == '\n' || b[at] == '\r') && !bytes.HasSuffix(text, []byte("end")) {
			stream, after, _ = bytes.Cut(bytes.TrimLeft(b[at:], "\r\n"), []byte("endstream"))
			return text, stream, after
		}
	}
}

// nameEnds are the bytes that end a name.
const nameEnds = "\x00\t\n\f\r ()<>[]{}/%"

// eachName shows every name, as it is meant however it is spelt, with what follows it.
func eachName(b []byte, look func(name string, after []byte) error) error {
	const longest = 3 * 32 // longer than any name we know, with all its letters escaped
	for {
		i := bytes.IndexByte(b, '/')
		if i < 0 {
			return nil
		}
		b = b[i+1:]
		end := bytes.IndexAny(b, nameEnds)
		if end < 0 {
			end = len(b)
		}
		if end <= longest {
			if err := look(spelt(b[:end]), b[end:]); err != nil {
				return err
			}
		}
		b = b[end:]
	}
}

// spelt undoes the escapes in a name: /J#53 is /JS.
func spelt(name []byte) string {
	if bytes.IndexByte(name, '#') < 0 {
		return string(name)
	}
	var out []byte
	for i := 0; i < len(name); i++ {
		if name[i] == '#' && i+2 < len(name) {
			if c, err := hex.DecodeString(string(name[i+1 : i+3])); err == nil {
				out = append(out, c[0])
				i += 2
				continue
			}
		}
		out = append(out, name[i])
	}
	return string(out)
}

// acts refuses the names of what acts.
func acts(b []byte) error {
	return eachName(b, func(name string, after []byte) error {
		if what, is := actingNames[name]; is {
			return active(what)
		}
		switch name {
		case "Encrypt":
			return refuse("ENCRYPTED_FILE", "文件加了密码或权限保护，无法检查。请去掉保护后再上传。")
		case "OpenAction":
			if after = bytes.TrimLeft(after, "\x00\t\n\f\r "); len(after) == 0 || after[0] != '[' { // [ is a page to open at
				return active("打开时自动执行的动作")
			}
		}
		return nil
	})
}

// packed looks into a stream that holds packed objects. Other streams are pictures, fonts and pages, which don't act.
func packed(text, stream []byte, left *int64) error {
	has := map[string]bool{"ObjStm": false, "First": false, "N": false, "Filter": false, "DecodeParms": false}
	_ = eachName(text, func(name string, _ []byte) error {
		if _, asked := has[name]; asked {
			has[name] = true
		}
		return nil
	})
	sure := has["ObjStm"]
	if !sure && !(has["First"] && has["N"]) { // some readers go by these two entries alone
		return nil
	}
	if !has["Filter"] {
		return acts(stream)
	}
	objects, err := unpack(stream, sure, left)
	if sure && (err != nil || has["DecodeParms"]) {
		return refuse("UNREADABLE_FILE", "文件的压缩方式或展开后的大小无法检查。请打印成 PDF 后再上传。")
	}
	return acts(objects)
}

var numbersRE = regexp.MustCompile(`^[\x00\t\n\f\r ]*[0-9]+[\x00\t\n\f\r ]+[0-9]`)

// unpack unpacks packed objects, no further than is left for the whole file. What only may hold some must begin as they do, with numbers.
func unpack(stream []byte, sure bool, left *int64) ([]byte, error) {
	z, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil {
		return nil, err
	}
	r := bufio.NewReader(z)
	if head, _ := r.Peek(64); !sure && !numbersRE.Match(head) {
		return nil, nil
	}
	objects, err := io.ReadAll(io.LimitReader(r, *left+1))
	if *left -= int64(len(objects)); *left < 0 {
		return nil, errors.New("too much")
	}
	if len(objects) > 0 {
		err = nil // cut short, it shows what a forgiving reader would see
	}
	return objects, err
}
