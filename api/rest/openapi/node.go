package main

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

// The document stays a tree of yaml nodes, so that what is not mended keeps its place and order.

// get gives the value of a key, or nil.
func get(n *yaml.Node, keys ...string) *yaml.Node {
	for _, key := range keys {
		i := index(n, key)
		if i < 0 {
			return nil
		}
		n = n.Content[i+1]
	}
	return n
}

// index finds a key in a mapping, or gives -1.
func index(n *yaml.Node, key string) int {
	if n == nil || n.Kind != yaml.MappingNode {
		return -1
	}
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// put sets a key in place, or adds it at the end.
func put(n *yaml.Node, key string, value *yaml.Node) {
	if i := index(n, key); i >= 0 {
		n.Content[i+1] = value
		return
	}
	n.Content = append(n.Content, text(key), value)
}

// putFirst adds a key that is not there yet before all others.
func putFirst(n *yaml.Node, key string, value *yaml.Node) {
	n.Content = slices.Insert(n.Content, 0, text(key), value)
}

// remove takes a key out.
func remove(n *yaml.Node, key string) {
	if i := index(n, key); i >= 0 {
		n.Content = slices.Delete(n.Content, i, i+2)
	}
}

// each calls f for every key and value of a mapping; f may change the value.
func each(n *yaml.Node, f func(key string, value *yaml.Node) error) error {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i < len(n.Content); i += 2 {
		if err := f(n.Content[i].Value, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// walk calls f for every mapping below and including n.
func walk(n *yaml.Node, f func(mapping *yaml.Node)) {
	if n.Kind == yaml.MappingNode {
		f(n)
	}
	for _, c := range n.Content {
		walk(c, f)
	}
}

// text makes a string node.
func text(s string) *yaml.Node {
	n := new(yaml.Node)
	n.SetString(s)
	return n
}

// tree reads a piece of document that is written down in this program.
func tree(s string) *yaml.Node {
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(s), &n); err != nil {
		panic(err) // a slip in this program's own text
	}
	return n.Content[0]
}
