package rows

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

func keyInputs() KeyInputs {
	return KeyInputs{
		OrganizationID: "65f1c0ffee65f1c0ffee9000",
		Operation:      v1alpha1.OperationUpsert,
		MatchBy:        v1alpha1.MatchByUsername,
		CreationSource: "jumpcloud:bulk",
		Defaults:       []Field{{"department", "Engineering"}},
		StateOnUpdate:  v1alpha1.StateOnUpdateIgnore,
		OnInvalidRow:   v1alpha1.OnInvalidRowAbort,
		Rows:           []Row{row("username", "ada", "email", "ada@x"), row("username", "chas", "email", "chas@x")},
		Versions:       []string{"u1/7", "u2/8"},
	}
}

func TestRunKeyChangesWithEachOfItsParts(t *testing.T) {
	original := RunKey(keyInputs())
	NewWithT(t).Expect(original).To(MatchRegexp(`^sha256:[0-9a-f]{64}$`))
	seen := map[string]string{original: "original"}
	for name, change := range map[string]func(*KeyInputs){
		"organization":       func(k *KeyInputs) { k.OrganizationID = "x" },
		"operation":          func(k *KeyInputs) { k.Operation = v1alpha1.OperationCreate },
		"matchBy":            func(k *KeyInputs) { k.MatchBy = v1alpha1.MatchByEmail },
		"creationSource":     func(k *KeyInputs) { k.CreationSource = "jumpcloud:scim" },
		"stateOnUpdate":      func(k *KeyInputs) { k.StateOnUpdate = v1alpha1.StateOnUpdateApply },
		"onInvalidRow":       func(k *KeyInputs) { k.OnInvalidRow = v1alpha1.OnInvalidRowSkip },
		"a default":          func(k *KeyInputs) { k.Defaults[0].Value = "Sales" },
		"no defaults":        func(k *KeyInputs) { k.Defaults = nil },
		"a version":          func(k *KeyInputs) { k.Versions[1] = "u2/9" },
		"versions shifted":   func(k *KeyInputs) { k.Versions = []string{"u1/7u", "2/8"} },
		"one version less":   func(k *KeyInputs) { k.Versions = k.Versions[:1] },
		"order of rows":      func(k *KeyInputs) { k.Rows[0], k.Rows[1] = k.Rows[1], k.Rows[0] },
		"one row less":       func(k *KeyInputs) { k.Rows = k.Rows[:1] },
		"a value":            func(k *KeyInputs) { k.Rows[0].Fields[1].Value = "ada@y" },
		"a path":             func(k *KeyInputs) { k.Rows[0].Fields[1].Path = "alternateEmail" },
		"a field of its own": func(k *KeyInputs) { k.Rows[0] = row("username", "ada", "email", "ada@x", "department", "") },
		"a field in another row": func(k *KeyInputs) {
			k.Rows[0].Fields, k.Rows[1].Fields = append(k.Rows[0].Fields, k.Rows[1].Fields[0]), k.Rows[1].Fields[1:]
		},
		"a problem":                  func(k *KeyInputs) { k.Rows[0].problem("Group1", "must be empty") },
		"another problem":            func(k *KeyInputs) { k.Rows[0].problem("SystemID", "must be empty") },
		"leavers that are reported":  func(k *KeyInputs) { k.Leavers = v1alpha1.LeaversReport },
		"leavers that are suspended": func(k *KeyInputs) { k.Leavers = "Suspend" },
		"a password's Secret": func(k *KeyInputs) {
			k.Rows[0].Password = &Password{reference: &v1alpha1.KeyReference{Name: "a", Key: "b"}}
		},
		"a password's key": func(k *KeyInputs) {
			k.Rows[0].Password = &Password{reference: &v1alpha1.KeyReference{Name: "a", Key: "c"}}
		},
	} {
		inputs := keyInputs()
		change(&inputs)
		key := RunKey(inputs)
		NewWithT(t).Expect(seen).NotTo(HaveKey(key), name)
		seen[key] = name
	}
}

func TestRunKeyDoesNotChangeWithWhatIsNotDeclared(t *testing.T) {
	for name, change := range map[string]func(*KeyInputs){
		"nothing":              func(*KeyInputs) {},
		"leavers, ignored":     func(k *KeyInputs) { k.Leavers = v1alpha1.LeaversIgnore },
		"where rows come from": func(k *KeyInputs) { k.Rows[0].Origin, k.Rows[0].Number = "elsewhere", 9 },
		"a password":           func(k *KeyInputs) { k.Rows[0].Password = NewPassword("hunter2") },
	} {
		inputs := keyInputs()
		change(&inputs)
		NewWithT(t).Expect(RunKey(inputs)).To(Equal(RunKey(keyInputs())), name)
	}
	inputs := keyInputs()
	inputs.Rows[0].Password = &Password{value: "a", reference: &v1alpha1.KeyReference{Name: "a", Key: "b"}}
	key := RunKey(inputs)
	inputs.Rows[0].Password.value = "b"
	NewWithT(t).Expect(RunKey(inputs)).To(Equal(key))
	inputs.Rows[0].problem("email", "is also in spec.users[1]")
	key = RunKey(inputs)
	inputs.Rows[0].Problems[0].Message = "is also in spec.users[2]"
	NewWithT(t).Expect(RunKey(inputs)).To(Equal(key), "messages name places")
}
