package files

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
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

var (
	nameRE   = regexp.MustCompile(`/([^\x00\t\n\f\r ()<>\[\]{}/%]+)`)
	objectRE = regexp.MustCompile(`[0-9][\x00\t\n\f\r ]+obj[^a-zA-Z]`)
	openRE   = regexp.MustCompile(`/OpenAction[\x00\t\n\f\r ]*(\[?)`)
	escapeRE = regexp.MustCompile(`#[0-9A-Fa-f]{2}`)
)

// cleanPDF refuses a PDF that does something by itself, or that hides its inside. It reads names, not structure: what a reader of
// PDFs could find by any road must stand somewhere as a name.
func cleanPDF(b []byte) ([]byte, error) {
	if !bytes.HasPrefix(b, []byte("%PDF-")) || !bytes.Contains(b[max(0, len(b)-2048):], []byte("%%EOF")) {
		return nil, damaged()
	}
	left := int64(unpackedPDF)
	for rest := b; len(rest) > 0; {
		text, stream, after := cutStream(rest)
		if err := names(text); err != nil {
			return nil, err
		}
		if objectRE.Match(stream) { // no stream at all, only made to look like one
			if err := names(stream); err != nil {
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

// spelt undoes the escapes in names: /J#53 is /JS.
func spelt(b []byte) []byte {
	return escapeRE.ReplaceAllFunc(b, func(e []byte) []byte {
		c, _ := hex.DecodeString(string(e[1:]))
		return c
	})
}

// names refuses the names of what acts, however they are spelt.
func names(b []byte) error {
	b = spelt(b)
	for _, m := range nameRE.FindAllSubmatch(b, -1) {
		if what, acts := actingNames[string(m[1])]; acts {
			return active(what)
		}
		if string(m[1]) == "Encrypt" {
			return refuse("ENCRYPTED_FILE", "文件加了密码或权限保护，无法检查。请去掉保护后再上传。")
		}
	}
	for _, m := range openRE.FindAllSubmatch(b, -1) {
		if len(m[1]) == 0 { // [ is a page to open at, anything else an action
			return active("打开时自动执行的动作")
		}
	}
	return nil
}

// packed looks into a stream that holds packed objects. Other streams are pictures, fonts and pages, which don't act.
func packed(text, stream []byte, left *int64) error {
	dict := spelt(text)
	if !bytes.Contains(dict, []byte("/ObjStm")) {
		if begins := objectRE.FindAllIndex(dict, -1); len(begins) > 0 { // some readers go by these two entries alone
			dict = dict[begins[len(begins)-1][0]:]
		}
		if !bytes.Contains(dict, []byte("/First")) || !bytes.Contains(dict, []byte("/N")) {
			return nil
		}
	}
	if !bytes.Contains(dict, []byte("/Filter")) {
		return names(stream)
	}
	unpack, err := zlib.NewReader(bytes.NewReader(stream))
	if err != nil || bytes.Contains(dict, []byte("/DecodeParms")) {
		return refuse("UNREADABLE_FILE", "文件的压缩方式无法检查。请打印成 PDF 后再上传。")
	}
	objects, err := io.ReadAll(io.LimitReader(unpack, *left+1))
	if *left -= int64(len(objects)); *left < 0 {
		return refuse("UNREADABLE_FILE", "文件展开后过大，无法检查。请减少内容后再上传。")
	}
	if err != nil && len(objects) == 0 {
		return damaged()
	}
	return names(objects)
}
