package rows

import (
	"context"
	"fmt"
	"path"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/ciphertext"
)

// The kinds of sources.
const (
	configMapKind = "ConfigMap"
	secretKind    = "Secret"
)

// maxSources is the limit of status.sources.
const maxSources = 128

// Loader reads rows from the spec, ConfigMaps and Secrets. It is safe for
// concurrent use if its Reader is.
type Loader struct {
	// Reader must read live: a run plans from what is declared at that moment.
	Reader client.Reader
}

// Load reads all rows, converts and numbers them, and reads the passwords of those that the
// conversion keeps. It reads each object once, so that one run never mixes two versions of it.
// It does not validate the rows; what could not be read of a row is in its Problems. Having no
// rows is not an error: the caller decides.
//
// Errors are a *NotFoundError, a *SourceError, a *CipherTextError, expression.ErrTooExpensive,
// the context's, or the Reader's own. A run of more than MaxRows rows, or of rows that take
// too much memory, is a SourceError: not many more than that are ever built.
func (l *Loader) Load(
	ctx context.Context, namespace string, inline []v1alpha1.UserRow, from []v1alpha1.RowsSource, conversion *Conversion,
) (*Set, error) {
	load := &loading{reader: l.Reader, namespace: namespace, objects: map[string]*object{}, set: &Set{}}
	builder, into := newBuilder(), &collection{ctx: ctx, conversion: conversion.start()}
	for i := range inline {
		origin := fmt.Sprintf("spec.users[%d]", i)
		if err := into.admit(origin); err != nil {
			return nil, err
		}
		row, err := builder.inlineRow(origin, &inline[i])
		if err != nil {
			return nil, err
		}
		if err := into.take(row, fieldCells); err != nil {
			return nil, err
		}
	}
	for i := range from {
		if err := load.source(ctx, into, &from[i]); err != nil {
			return nil, err
		}
	}
	load.set.Rows, load.set.LeftOut, load.set.Conversion = into.rows, into.leftOut, conversion.Key()
	for i := range load.set.Rows {
		load.set.Rows[i].Number = i + 1
		if err := load.password(ctx, &load.set.Rows[i]); err != nil {
			return nil, err
		}
	}
	return load.set, nil
}

// Text is the content of one key of a ConfigMap.
type Text struct {
	// Origin is the ConfigMap and the key.
	Origin  string
	Content []byte
}

// Texts reads keys of ConfigMaps, each ConfigMap once. Errors are a *NotFoundError or the
// Reader's own.
func (l *Loader) Texts(ctx context.Context, namespace string, keys []v1alpha1.KeyReference) ([]Text, error) {
	load := &loading{reader: l.Reader, namespace: namespace, objects: map[string]*object{}, set: &Set{}}
	texts := make([]Text, len(keys))
	for i, key := range keys {
		content, err := load.read(ctx, configMapKind, key)
		if err != nil {
			return nil, err
		}
		texts[i] = Text{Origin: originOf(configMapKind, key), Content: content}
	}
	return texts, nil
}

func originOf(kind string, key v1alpha1.KeyReference) string {
	return kind + " " + key.Name + ", key " + key.Key
}

// loading is one call of Load or Texts.
type loading struct {
	reader    client.Reader
	namespace string
	objects   map[string]*object
	set       *Set
}

// object is a ConfigMap or Secret.
type object struct {
	kind, name string
	content    func(key string) ([]byte, bool)
}

// source adds the rows of one key of one object.
func (l *loading) source(ctx context.Context, into *collection, from *v1alpha1.RowsSource) error {
	kind, reference := configMapKind, from.ConfigMapKeyRef
	if from.SecretKeyRef != nil {
		kind, reference = secretKind, from.SecretKeyRef
	}
	if reference == nil {
		return &SourceError{"spec.usersFrom", "must name a ConfigMap or a Secret"}
	}
	content, err := l.read(ctx, kind, *reference)
	if err != nil {
		return err
	}
	before, admitted := len(into.rows), into.admitted
	if err := parse(into, from, kind, *reference, content); err != nil {
		return err
	}
	if into.admitted == admitted {
		l.set.Empty = append(l.set.Empty, originOf(kind, *reference))
	}
	for i := range into.rows[before:] {
		if password := into.rows[before+i].Password; password != nil && ciphertext.Is(password.value) {
			return &CipherTextError{reference.Name, reference.Key}
		}
	}
	return nil
}

// parse reads the rows of one key.
func parse(into *collection, from *v1alpha1.RowsSource, kind string, reference v1alpha1.KeyReference, content []byte) error {
	origin, secret := originOf(kind, reference), kind == secretKind
	switch formatOf(from.Format, reference.Key) {
	case v1alpha1.SourceFormatCSV:
		return parseCSV(into, origin, content, secret, from.Columns)
	case v1alpha1.SourceFormatJSON:
		return parseJSON(into, origin, content, secret)
	case v1alpha1.SourceFormatYAML:
		return parseYAML(into, origin, content, secret)
	default:
		return &SourceError{origin, "has no known ending: name it .csv, .json or .yaml, or state the format"}
	}
}

// formatOf returns the stated format, or else the format of the key's extension.
func formatOf(stated v1alpha1.SourceFormat, key string) v1alpha1.SourceFormat {
	if stated != "" {
		return stated
	}
	switch strings.ToLower(path.Ext(key)) {
	case ".csv":
		return v1alpha1.SourceFormatCSV
	case ".json":
		return v1alpha1.SourceFormatJSON
	case ".yaml", ".yml":
		return v1alpha1.SourceFormatYAML
	default:
		return ""
	}
}

// password reads the password that a row refers to. A line break at the end, which editors and
// shells add, is not part of it.
func (l *loading) password(ctx context.Context, row *Row) error {
	if row.Password == nil || row.Password.reference == nil {
		return nil
	}
	content, err := l.read(ctx, secretKind, *row.Password.reference)
	if err != nil {
		return err
	}
	row.Password.value = strings.TrimRight(string(content), "\r\n")
	return nil
}

// read returns the content of a key.
func (l *loading) read(ctx context.Context, kind string, reference v1alpha1.KeyReference) ([]byte, error) {
	id := kind + "/" + reference.Name
	found, ok := l.objects[id]
	if !ok {
		var err error
		if found, err = l.get(ctx, kind, reference.Name); err != nil {
			return nil, err
		}
		l.objects[id] = found
	}
	content, ok := found.content(reference.Key)
	if !ok {
		return nil, &NotFoundError{Kind: kind, Name: reference.Name, Key: reference.Key}
	}
	if kind == secretKind && ciphertext.Is(string(content)) {
		return nil, &CipherTextError{reference.Name, reference.Key}
	}
	return content, nil
}

// get reads an object and records its version.
func (l *loading) get(ctx context.Context, kind, name string) (*object, error) {
	key := client.ObjectKey{Namespace: l.namespace, Name: name}
	found := &object{kind: kind, name: name}
	var live client.Object
	if kind == secretKind {
		secret := &corev1.Secret{}
		live = secret
		found.content = func(key string) ([]byte, bool) {
			content, ok := secret.Data[key]
			return content, ok
		}
	} else {
		configMap := &corev1.ConfigMap{}
		live = configMap
		found.content = func(key string) ([]byte, bool) {
			if text, ok := configMap.Data[key]; ok {
				return []byte(text), true
			}
			content, ok := configMap.BinaryData[key]
			return content, ok
		}
	}
	if err := l.reader.Get(ctx, key, live); apierrors.IsNotFound(err) {
		return nil, &NotFoundError{Kind: kind, Name: name}
	} else if err != nil {
		return nil, fmt.Errorf("reading %s %s: %w", kind, name, err)
	}
	if len(l.set.Sources) < maxSources {
		l.set.Sources = append(l.set.Sources, v1alpha1.SourceStatus{Kind: kind, Name: name, ResourceVersion: live.GetResourceVersion()})
	}
	if kind == secretKind {
		l.set.Versions = append(l.set.Versions, string(live.GetUID())+"/"+live.GetResourceVersion())
	}
	return found, nil
}
