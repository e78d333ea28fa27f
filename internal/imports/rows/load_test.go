package rows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

const namespace = "identity"

func configMap(name string, data map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name + "-uid"), ResourceVersion: "7"}, Data: data}
}

func secret(name string, data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, UID: types.UID(name + "-uid"), ResourceVersion: "8"}, Data: data}
}

func fromConfigMap(name, key string) v1alpha1.RowsSource {
	return v1alpha1.RowsSource{ConfigMapKeyRef: &v1alpha1.KeyReference{Name: name, Key: key}}
}

func fromSecret(name, key string) v1alpha1.RowsSource {
	return v1alpha1.RowsSource{SecretKeyRef: &v1alpha1.KeyReference{Name: name, Key: key}}
}

func loaderOf(objects ...client.Object) *Loader {
	return &Loader{Reader: fake.NewClientBuilder().WithObjects(objects...).Build()}
}

func load(inline []v1alpha1.UserRow, from []v1alpha1.RowsSource, objects ...client.Object) (*Set, error) {
	return loaderOf(objects...).Load(context.Background(), namespace, inline, from, nil)
}

func TestLoadReadsAllSourcesInOrder(t *testing.T) {
	g := NewWithT(t)
	hires := configMap("hires", map[string]string{"a.csv": "username\nchas\n", "rows": `[{"username":"eva"}]`})
	hires.BinaryData = map[string][]byte{"b.YML": []byte("- username: mary\n")}
	inline := []v1alpha1.UserRow{{
		Username: new("ada"), Email: new("Ada@X"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: "ada"},
		UserAttributes: v1alpha1.UserAttributes{Department: new(""), Attributes: []v1alpha1.CustomAttribute{{Name: "Floor", Value: "1"}}},
	}}
	csv, asJSON := fromSecret("more", "c.csv"), fromConfigMap("hires", "rows")
	asJSON.Format = v1alpha1.SourceFormatJSON
	set, err := load(inline, []v1alpha1.RowsSource{fromConfigMap("hires", "a.csv"), csv, fromConfigMap("hires", "b.YML"), asJSON}, hires,
		secret("more", map[string][]byte{"c.csv": []byte("username,password\njane,p\n"), "unused": nil}),
		secret("passwords", map[string][]byte{"ada": []byte(" hunter2 \r\n")}))
	g.Expect(err).NotTo(HaveOccurred())

	usernames, origins := make([]string, len(set.Rows)), make([]string, len(set.Rows))
	for i, row := range set.Rows {
		usernames[i], origins[i] = row.Username(), row.Origin
		g.Expect(row.Number).To(Equal(i + 1))
		g.Expect(row.Problems).To(BeEmpty())
	}
	g.Expect(usernames).To(Equal([]string{"ada", "chas", "jane", "mary", "eva"}))
	g.Expect(origins).To(Equal([]string{
		"spec.users[0]",
		"ConfigMap hires, key a.csv, line 2",
		"Secret more, key c.csv, line 2",
		"ConfigMap hires, key b.YML, item 1",
		"ConfigMap hires, key rows, item 1",
	}))
	g.Expect(set.Rows[0].Fields).To(Equal([]Field{{"username", "ada"}, {"email", "ada@x"}, {"attributes.Floor", "1"}, {"department", ""}}))
	g.Expect(set.Rows[0].Password.Reveal()).To(Equal(" hunter2 "))
	g.Expect(set.Rows[2].Password.Reveal()).To(Equal("p"))
	g.Expect(set.Sources).To(Equal([]v1alpha1.SourceStatus{
		{Kind: "ConfigMap", Name: "hires", ResourceVersion: "7"},
		{Kind: "Secret", Name: "more", ResourceVersion: "8"},
		{Kind: "Secret", Name: "passwords", ResourceVersion: "8"},
	}))
	g.Expect(set.Versions).To(Equal([]string{"more-uid/8", "passwords-uid/8"}))
}

func TestLoadReadsEachObjectOnce(t *testing.T) {
	g := NewWithT(t)
	reads := 0
	reader := fake.NewClientBuilder().WithObjects(configMap("hires", map[string]string{"a.csv": "username\nada\n", "b.csv": "username\neva\n"})).
		WithInterceptorFuncs(interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
				reads++
				return c.Get(ctx, key, object, options...)
			},
		}).Build()
	set, err := (&Loader{Reader: reader}).Load(context.Background(), namespace, nil,
		[]v1alpha1.RowsSource{fromConfigMap("hires", "a.csv"), fromConfigMap("hires", "b.csv")}, nil)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set.Rows).To(HaveLen(2))
	g.Expect(reads).To(Equal(1))
}

func TestLoadOfNothingIsNoError(t *testing.T) {
	g := NewWithT(t)
	set, err := load(nil, []v1alpha1.RowsSource{fromConfigMap("hires", "a.csv")}, configMap("hires", map[string]string{"a.csv": "username,email\n"}))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set.Rows).To(BeEmpty())
	g.Expect(set.Sources).To(HaveLen(1))
}

func TestLoadTellsWhatIsMissing(t *testing.T) {
	hires := configMap("hires", map[string]string{"a.csv": "username\n"})
	for name, test := range map[string]struct {
		inline []v1alpha1.UserRow
		from   v1alpha1.RowsSource
		want   NotFoundError
	}{
		"ConfigMap":     {nil, fromConfigMap("none", "a.csv"), NotFoundError{"ConfigMap", "none", ""}},
		"ConfigMap key": {nil, fromConfigMap("hires", "b.csv"), NotFoundError{"ConfigMap", "hires", "b.csv"}},
		"Secret":        {nil, fromSecret("hires", "a.csv"), NotFoundError{"Secret", "hires", ""}},
		"password": {
			[]v1alpha1.UserRow{{PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: "eva"}}},
			fromConfigMap("hires", "a.csv"), NotFoundError{"Secret", "passwords", "eva"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := load(test.inline, []v1alpha1.RowsSource{test.from}, hires, secret("passwords", map[string][]byte{"ada": []byte("x")}))
			var missing *NotFoundError
			g.Expect(errors.As(err, &missing)).To(BeTrue())
			g.Expect(*missing).To(Equal(test.want))
			g.Expect(err.Error()).To(And(ContainSubstring(test.want.Name), ContainSubstring(test.want.Key)))
		})
	}
}

func TestLoadRefusesUnknownFormats(t *testing.T) {
	g := NewWithT(t)
	_, err := load(nil, []v1alpha1.RowsSource{fromConfigMap("hires", "users")}, configMap("hires", map[string]string{"users": "username\n"}))
	g.Expect(err).To(MatchError("ConfigMap hires, key users: has no known ending: name it .csv, .json or .yaml, or state the format"))
	_, err = load(nil, []v1alpha1.RowsSource{{}})
	g.Expect(err).To(BeAssignableToTypeOf(&SourceError{}))
}

func TestLoadPassesOtherErrorsOn(t *testing.T) {
	g := NewWithT(t)
	broken := errors.New("the server is on fire")
	reader := fake.NewClientBuilder().WithInterceptorFuncs(interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return broken
		},
	}).Build()
	_, err := (&Loader{Reader: reader}).Load(context.Background(), namespace, nil, []v1alpha1.RowsSource{fromSecret("hires", "a.csv")}, nil)
	g.Expect(err).To(MatchError(broken))
	g.Expect(err).To(MatchError(ContainSubstring("Secret hires")))
}

func TestLoadBoundsTheSourcesOfTheStatus(t *testing.T) {
	g := NewWithT(t)
	var inline []v1alpha1.UserRow
	var objects []client.Object
	for i := range 130 {
		name := fmt.Sprintf("password-%d", i)
		objects = append(objects, secret(name, map[string][]byte{"key": []byte("x")}))
		inline = append(inline, v1alpha1.UserRow{PasswordSecretRef: &v1alpha1.KeyReference{Name: name, Key: "key"}})
	}
	set, err := load(inline, nil, objects...)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(set.Sources).To(HaveLen(128))
	g.Expect(set.Versions).To(HaveLen(130), "every Secret counts for the run key")
}

func TestLoadChecksReferencedPasswords(t *testing.T) {
	g := NewWithT(t)
	inline := []v1alpha1.UserRow{{Username: new("ada"), Email: new("ada@x"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: "ada"}}}
	set, err := load(inline, nil, secret("passwords", map[string][]byte{"ada": []byte("\n")}))
	g.Expect(err).NotTo(HaveOccurred())
	validate(set.Rows, Options{})
	g.Expect(set.Rows[0].Problems).To(ConsistOf(Problem{"password", "is empty: state one, or leave it out"}))
}

// listsOf writes a list of that many rows, in every format.
var listsOf = map[string]func(int) string{
	"a.csv":  func(n int) string { return "username\n" + strings.Repeat("a\n", n) },
	"a.json": func(n int) string { return "[{}" + strings.Repeat(",{}", n-1) + "]" },
	"a.yaml": func(n int) string { return strings.Repeat("- {}\n", n) },
}

func TestLoadRefusesMoreRowsThanARunMayHave(t *testing.T) {
	for key, list := range listsOf {
		t.Run(key, func(t *testing.T) {
			g := NewWithT(t)
			from := []v1alpha1.RowsSource{fromConfigMap("hires", key), fromConfigMap("hires", "more.json")}
			data := map[string]string{key: list(MaxRows - 1), "more.json": "[{}]"}
			set, err := load(nil, from, configMap("hires", data))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(set.Rows).To(HaveLen(MaxRows))

			data["more.json"] = "[{},{}]"
			_, err = load(nil, from, configMap("hires", data))
			g.Expect(err).To(MatchError("ConfigMap hires, key more.json: makes more than 100000 rows for one run: split them into several imports"))
			_, err = load(nil, from[:1], configMap("hires", map[string]string{key: list(MaxRows + 1)}))
			g.Expect(err).To(BeAssignableToTypeOf(&SourceError{}))
		})
	}
}

// One file may be named many times, and a cell of one byte takes much more memory.
func TestLoadRefusesRowsThatTakeTooMuchMemory(t *testing.T) {
	g := NewWithT(t)
	header, record := []string{"username"}, []string{"a"}
	for i := range 170 {
		header, record = append(header, fmt.Sprintf("attributes.A%d", i)), append(record, "b")
	}
	content := strings.Join(header, ",") + "\n" + strings.Repeat(strings.Join(record, ",")+"\n", 2000)
	from := slices.Repeat([]v1alpha1.RowsSource{fromConfigMap("hires", "a.csv")}, 64)
	_, err := load(nil, from, configMap("hires", map[string]string{"a.csv": content}))
	g.Expect(err).To(MatchError(ContainSubstring("makes the rows of one run take more than 160 MiB: split them into several imports")))
}

// 175 KB that would expand to ten rows of 1.36 GB in total.
func TestLoadExpandsNoAliases(t *testing.T) {
	g := NewWithT(t)
	var text strings.Builder
	text.WriteString("- {username: a, description: &d " + strings.Repeat("x", 1000) + "}\n")
	for range 20_000 {
		text.WriteString("- *d\n")
	}
	_, err := load(nil, []v1alpha1.RowsSource{fromConfigMap("hires", "a.yaml")}, configMap("hires", map[string]string{"a.yaml": text.String()}))
	g.Expect(err).To(MatchError("ConfigMap hires, key a.yaml, line 1: has a YAML anchor or alias (& or *): write each row out, and quote values that begin with one"))
}

func TestLoadLooksAtItsDeadline(t *testing.T) {
	for key, list := range listsOf {
		t.Run(key, func(t *testing.T) {
			g := NewWithT(t)
			loader := &Loader{Reader: fake.NewClientBuilder().WithObjects(configMap("hires", map[string]string{key: list(10)})).Build()}
			for looks := range 10 {
				_, err := loader.Load(&stopping{t.Context(), looks}, namespace, nil, []v1alpha1.RowsSource{fromConfigMap("hires", key)}, nil)
				g.Expect(err).To(MatchError(context.DeadlineExceeded))
			}
		})
	}
}

func TestLoadRefusesCipherTextOfSecrets(t *testing.T) {
	const encrypted = "ENC[AES256_GCM,data:p673w==,type:str]"
	passwords := secret("passwords", map[string][]byte{
		"ada": []byte(encrypted), "users.csv": []byte("username,password\njane,Correct-Horse-9\nada,vault:v1:8SDd3WHD\n"),
		"users.json": []byte(`[{"username": "ada", "password": "<path:people#ada>"}]`), "whole.csv": []byte(encrypted),
	})
	for _, key := range []string{"ada", "users.csv", "users.json", "whole.csv"} {
		t.Run(key, func(t *testing.T) {
			g := NewWithT(t)
			inline, from := []v1alpha1.UserRow(nil), []v1alpha1.RowsSource{fromSecret("passwords", key)}
			if key == "ada" {
				from, inline = nil, []v1alpha1.UserRow{{Username: new("ada"), PasswordSecretRef: &v1alpha1.KeyReference{Name: "passwords", Key: key}}}
			}
			_, err := load(inline, from, passwords)
			g.Expect(err).To(Equal(&CipherTextError{"passwords", key}))
			g.Expect(err).To(MatchError(And(HavePrefix("Secret passwords, key "+key+", holds cipher text"),
				Not(Or(ContainSubstring("AES256"), ContainSubstring("8SDd"), ContainSubstring("people"))))))
		})
	}
}
