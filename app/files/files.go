// Package files is the room of attachments (附件): what may come in (check.go and one file a format), and where it lies,
// encrypted under a key of its own (store.go). It knows nothing of orders and people.
package files

import (
	"bytes"
	"fmt"

	"github.com/gabriel-vasile/mimetype"
)

// Refusal says why a file is not taken: a stable reason and a sentence for people.
type Refusal struct{ Reason, Words string }

func (r *Refusal) Error() string { return r.Reason + " " + r.Words }

func refuse(reason, format string, args ...any) error {
	return &Refusal{reason, fmt.Sprintf(format, args...)}
}

func damaged() error {
	return refuse("DAMAGED_FILE", "文件损坏、不完整或含有多余内容，无法安全保存。请重新导出或重新拍摄后再上传。")
}

func active(what string) error {
	return refuse("ACTIVE_CONTENT", "文件里有%s，为安全起见不能上传。请另存为不含这些内容的文件，或打印成 PDF、拍成照片后再上传。", what)
}

// kind is a format that is taken in: what it is called from now on, and how it is made clean.
type kind struct {
	media string
	clean func(content []byte) ([]byte, error)
}

// kinds are the formats by the names that the detection gives them. What is not here is refused: HTML, SVG, scripts, programs.
var kinds = map[string]kind{
	"image/jpeg":      {"image/jpeg", cleanJPEG},
	"image/png":       {"image/png", cleanPNG},
	"image/webp":      {"image/webp", cleanWebP},
	"image/heic":      {"image/heic", cleanHEIC},
	"image/heif":      {"image/heic", cleanHEIC},
	"application/pdf": {"application/pdf", cleanPDF},
	"video/mp4":       {"video/mp4", cleanMP4},
	"audio/mp4":       {"audio/mp4", cleanMP4},
	"audio/x-m4a":     {"audio/mp4", cleanMP4},
	"audio/mpeg":      {"audio/mpeg", cleanMP3},
	"audio/wav":       {"audio/wav", cleanWAV},
	"audio/amr":       {"audio/amr", cleanAMR},
	docx:              {docx, cleanOffice},
	xlsx:              {xlsx, cleanOffice},
}

const (
	docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// Check finds what a file is from its content, whatever its name says, refuses what could act by itself, and gives back what is
// kept: the same file without the data about its making (where and when a photo was taken), but for PDF, whose signatures would
// break. Nothing is encoded anew.
func Check(content []byte) (clean []byte, media string, err error) {
	found := mimetype.Detect(content)
	for name, k := range kinds {
		if !found.Is(name) {
			continue
		}
		if k.clean == nil {
			return nil, "", fmt.Errorf("files: %s can't be cleaned", name)
		}
		if clean, err = k.clean(content); err != nil {
			return nil, "", err
		}
		if name != docx && name != xlsx && looksTwoFaced(clean) {
			return nil, "", damaged()
		}
		return clean, k.media, nil
	}
	return nil, "", refuse("UNSUPPORTED_FILE", "不支持这种文件。可以上传照片（JPEG、PNG、WebP、HEIC）、PDF、视频（MP4）、录音（MP3、WAV、AMR、M4A）和 Word、Excel 文件（docx、xlsx）。")
}

// looksTwoFaced tells a file that another program would read as something else (多格式伪装): an archive hung to its end, or a page
// or document at its start.
func looksTwoFaced(content []byte) bool {
	const end, comment = 22, 1 << 16 // an archive ends so, with a comment that some programs don't look at
	if tail := content[max(0, len(content)-end-comment):]; bytes.Contains(tail[:max(0, len(tail)-end+4)], []byte("PK\x05\x06")) {
		return true
	}
	start := bytes.ToLower(content[:min(len(content), 1024)])
	for _, sign := range []string{"<html", "<script", "<svg", "<!doctype", "<?php", "<iframe"} {
		if bytes.Contains(start, []byte(sign)) {
			return true
		}
	}
	return bytes.Index(start, []byte("%pdf-")) > 0
}
