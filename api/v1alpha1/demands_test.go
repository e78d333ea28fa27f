package v1alpha1_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// privileges are the fields that need allowedNamespaces.privileged wherever a spec has
// them. Those of rows are checked row by row.
var privileges = []string{"sudo", "passwordlessSudo", "ldapBindingUser", "ldapGroups", "posixGroups", "radius", "sambaEnabled"}

// Every kind that belongs to an Organization implements Demands and returns every
// privilege that its spec states.
func TestEveryKindSaysWhatItDemands(t *testing.T) {
	g := NewWithT(t)
	scheme := runtime.NewScheme()
	g.Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	seen := 0
	for kind, of := range scheme.KnownTypes(v1alpha1.GroupVersion) {
		object := reflect.New(of)
		spec := object.Elem().FieldByName("Spec")
		if !spec.IsValid() || !spec.FieldByName("OrganizationRef").IsValid() {
			continue
		}
		seen++
		_, member := reflect.TypeAssert[interface {
			OrganizationRef() v1alpha1.OrganizationReference
		}](object)
		demanding, demands := reflect.TypeAssert[interface{ Demands() v1alpha1.Demands }](object)
		g.Expect(member && demands).To(BeTrue(), kind)
		g.Expect(demanding.Demands().Privileges == nil).To(Equal(kind != "WorkdayInstance"), "%s: nothing is stated", kind)
		stated := fill(spec, "spec")
		for _, path := range stated {
			g.Expect(demanding.Demands().Privileges).To(ContainElement(path), kind)
		}
	}
	g.Expect(seen).To(BeNumerically(">=", 6))
}

// fill sets every field except rows, and returns the paths of the privileges.
func fill(v reflect.Value, path string) []string {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return fill(v.Elem(), path)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		return fill(v.Index(0), path)
	case reflect.Struct:
		return fillStruct(v, path)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	}
	return nil
}

func fillStruct(v reflect.Value, path string) []string {
	var stated []string
	for i := range v.NumField() {
		field := v.Type().Field(i)
		rows := []reflect.Type{reflect.TypeFor[v1alpha1.UserRow](), reflect.TypeFor[v1alpha1.UserAttributes]()}
		element := field.Type
		for element.Kind() == reflect.Pointer || element.Kind() == reflect.Slice {
			element = element.Elem()
		}
		if !field.IsExported() || slices.Contains(rows, element) {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if slices.Contains(privileges, name) {
			stated = append(stated, path+"."+name)
		}
		stated = append(stated, fill(v.Field(i), path+"."+name)...)
	}
	return stated
}

func TestDemandsOfAGroup(t *testing.T) {
	g := NewWithT(t)
	group := &v1alpha1.UserGroup{}
	group.Name = "crew"
	g.Expect(group.Demands()).To(Equal(v1alpha1.Demands{Groups: []string{"crew"}}))
	group.Spec.Name, group.Status.Name, group.Status.Adopted = "chiefs", "crew", true
	g.Expect(group.Demands()).To(Equal(v1alpha1.Demands{Groups: []string{"chiefs"}, Has: []string{"crew"}, Adopts: true}))
}
