package main

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const head = `
title: 12345 政务服务便民热线平台 API
version: v1
description: |
  一号对外的政务服务便民热线：工单、座席、知识库、归并、跨域转办与考核。
  除公开接口外，请求须带 Authorization: Bearer <JWT>。
  64 位整数在 JSON 中写作字符串；枚举写作名称；时间为带时区的 RFC 3339 文字。
  请求体与查询参数中不认识的字段会被拒绝，错误一律为 Error 的形式。
contact:
  name: 12345 政务服务便民热线平台
license:
  name: 见仓库根目录的 LICENSE 文件
`

const shared = `
securitySchemes:
  bearer:
    type: http
    scheme: bearer
    bearerFormat: JWT
    description: 登录（sessions:login）所得的短期令牌。
responses:
  Refused:
    description: 请求被拒绝。400 内容不正确，401 未登录，403 无权，404 没有，405 方法不对，409 与现状冲突，413 过大，415 不是 JSON，429 过于频繁。
    headers:
      Retry-After:
        description: 多少秒后可以再试。
        schema: {type: integer}
    content:
      application/json:
        schema: {$ref: '#/components/schemas/Error'}
  Failed:
    description: 系统出了问题。原因不外露，凭追踪号查询。
    headers:
      Retry-After:
        description: 多少秒后可以再试。
        schema: {type: integer}
    content:
      application/json:
        schema: {$ref: '#/components/schemas/Error'}
`

const errorSchemas = `
Error:
  type: object
  description: 一切错误的形式。
  required: [code, reason, message, violations, traceId]
  properties:
    code: {type: integer, format: int32, description: HTTP 状态码。}
    reason: {type: string, description: 稳定的原因代码，供程序判断。, example: NOT_FOUND}
    message: {type: string, description: 给人看的说明。}
    violations:
      type: array
      description: 哪些字段有什么问题。
      items: {$ref: '#/components/schemas/FieldViolation'}
    traceId: {type: string, description: 追踪号。}
FieldViolation:
  type: object
  required: [field, description]
  properties:
    field: {type: string, description: 字段的路径。, example: petitioner.phone}
    description: {type: string, description: 问题所在。}
`

// mend puts right the whole document.
func mend(doc *yaml.Node, a *api) error {
	put(doc, "info", tree(head))
	put(doc, "servers", tree(`[{url: /, description: 本城市的平台。}]`))
	put(doc, "security", tree(`[{bearer: []}]`))
	if err := mendPaths(get(doc, "paths"), a); err != nil {
		return err
	}
	if err := dropBoundFields(doc, a); err != nil {
		return err
	}
	mendSchemas(get(doc, "components", "schemas"), a)
	walk(doc, mendFormat)
	if err := mendTags(doc, a); err != nil {
		return err
	}
	components := get(doc, "components")
	put(components, "securitySchemes", get(tree(shared), "securitySchemes"))
	put(components, "responses", get(tree(shared), "responses"))
	schemas := get(components, "schemas")
	return each(tree(errorSchemas), func(name string, schema *yaml.Node) error {
		put(schemas, name, schema)
		return nil
	})
}

// eachOperation calls f for all operations with their method and which binding they are.
func eachOperation(paths *yaml.Node, a *api, f func(op *yaml.Node, m method, i int)) error {
	return each(paths, func(path string, item *yaml.Node) error {
		return each(item, func(verb string, op *yaml.Node) error {
			id, _, _ := strings.Cut(get(op, "operationId").Value, "-")
			m := a.methods[id]
			i, ok := m.find(verb, path)
			if !ok {
				return fmt.Errorf("%s: gnostic writes %s %s, which is none of its bindings: it cannot render such a template", id, verb, path)
			}
			f(op, m, i)
			return nil
		})
	})
}

// mendPaths mends every operation: id, summary, security, path parameters and errors.
func mendPaths(paths *yaml.Node, a *api) error {
	return eachOperation(paths, a, func(op *yaml.Node, m method, i int) {
		if i > 0 { // one id per binding; a hyphen is in no name of a proto
			id := get(op, "operationId")
			id.SetString(id.Value + "-" + strconv.Itoa(i+1))
		}
		putFirst(op, "summary", text(summary(m.comment)))
		if m.comment != "" {
			put(op, "description", text(m.comment))
		}
		mendParameters(get(op, "parameters"), m.bindings[i])
		if m.public {
			put(op, "security", tree(`[]`))
		}
		responses := get(op, "responses")
		if content := get(responses, "200", "content"); m.streams && content != nil {
			content.Content[0].SetString("text/event-stream") // each event's data is one message
		}
		put(responses, "4XX", tree(`{$ref: '#/components/responses/Refused'}`))
		put(responses, "5XX", tree(`{$ref: '#/components/responses/Failed'}`))
	})
}

var (
	namedComment  = regexp.MustCompile(`^\w+ \(([^()]+)\)`)
	firstSentence = regexp.MustCompile(`^.*?(?:[。！？]|[.!?](?: |$)|$)`)
)

// summary takes 派单 out of "Dispatch (派单) sends the order to …", else the first sentence.
func summary(comment string) string {
	if match := namedComment.FindStringSubmatch(comment); match != nil {
		return match[1]
	}
	return strings.TrimRight(strings.TrimSpace(firstSentence.FindString(comment)), ".。")
}

// mendParameters says of which resource name a part of the path is, instead of "The tenant id."
func mendParameters(parameters *yaml.Node, b binding) {
	if parameters == nil {
		return
	}
	var names []string
	for _, v := range b.bound() {
		if v[1] != "" {
			names = append(names, v[0]+"（"+v[1]+"）")
		}
	}
	for _, p := range parameters.Content {
		if get(p, "in").Value != "path" {
			continue
		}
		schema := get(p, "schema")
		if get(schema, "type").Value == "string" && get(schema, "enum") == nil && !strings.Contains(b.template, "**") {
			put(schema, "pattern", text(`^[^/:]+$`))
		}
		if d := get(p, "description"); d != nil && strings.HasPrefix(d.Value, "The ") && len(names) > 0 {
			d.SetString("资源名的一段：" + strings.Join(names, "、") + "。")
		}
	}
}

const schemaPrefix = "#/components/schemas/"

// dropBoundFields takes out of a request body what the path gives already: gnostic asks for the
// name twice, and a client that must send it in the body could only send it wrongly.
// A message that is used anywhere else keeps all its fields.
func dropBoundFields(doc *yaml.Node, a *api) error {
	uses := map[string]int{}
	walk(doc, func(n *yaml.Node) {
		if ref := get(n, "$ref"); ref != nil {
			uses[ref.Value]++
		}
	})
	bodies := map[string][][]string{} // the bound fields at each use as a body
	err := eachOperation(get(doc, "paths"), a, func(_ *yaml.Node, m method, i int) {
		if b := m.bindings[i]; b.whole {
			var fields []string
			for _, v := range b.bound() {
				if fd := m.input.Fields().ByName(protoreflect.Name(v[0])); fd != nil {
					fields = append(fields, fd.JSONName())
				}
			}
			ref := schemaPrefix + string(m.input.FullName())
			bodies[ref] = append(bodies[ref], fields)
		}
	})
	if err != nil {
		return err
	}
	for ref, bound := range bodies {
		if uses[ref] != len(bound) {
			continue
		}
		schema := get(doc, "components", "schemas", strings.TrimPrefix(ref, schemaPrefix))
		for _, field := range bound[0] {
			if !slices.ContainsFunc(bound, func(fields []string) bool { return !slices.Contains(fields, field) }) {
				dropField(schema, field)
			}
		}
	}
	return nil
}

func dropField(schema *yaml.Node, field string) {
	remove(get(schema, "properties"), field)
	required := get(schema, "required")
	if required == nil {
		return
	}
	required.Content = slices.DeleteFunc(required.Content, func(n *yaml.Node) bool { return n.Value == field })
	if len(required.Content) == 0 {
		remove(schema, "required")
	}
}

// mendSchemas marks the texts that are 64-bit numbers.
func mendSchemas(schemas *yaml.Node, a *api) {
	_ = each(schemas, func(name string, schema *yaml.Node) error {
		md := a.messages[name]
		if md == nil {
			return nil
		}
		return each(get(schema, "properties"), func(property string, s *yaml.Node) error {
			fd := md.Fields().ByJSONName(property)
			if fd == nil || fd.IsMap() {
				return nil
			}
			if fd.IsList() {
				s = get(s, "items")
			}
			if f := numberFormat(fd.Kind()); f != "" && get(s, "format") == nil {
				put(s, "format", text(f))
			}
			return nil
		})
	})
}

func numberFormat(kind protoreflect.Kind) string {
	switch kind {
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return "int64"
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return "uint64"
	}
	return ""
}

// mendFormat replaces formats that gnostic makes up.
func mendFormat(n *yaml.Node) {
	f := get(n, "format")
	switch {
	case f == nil || f.Kind != yaml.ScalarNode:
	case f.Value == "bytes":
		f.SetString("byte")
	case f.Value == "enum":
		remove(n, "format")
	}
}

// mendTags describes every tag by the comment of its service.
func mendTags(doc *yaml.Node, a *api) error {
	tags := get(doc, "tags")
	if tags == nil {
		return nil
	}
	for _, t := range tags.Content {
		name := get(t, "name").Value
		if a.tags[name] == "" {
			return fmt.Errorf("service %s has no comment to describe it by", name)
		}
		put(t, "description", text(a.tags[name]))
	}
	slices.SortFunc(tags.Content, func(a, b *yaml.Node) int {
		return strings.Compare(get(a, "name").Value, get(b, "name").Value)
	})
	return nil
}
