package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/imports/ledger"
)

// cluster is a fake API server that counts writes and can refuse them.
type cluster struct {
	client.Client
	*ledger.Store
	writes int
	// failAfter is how many writes succeed before all fail; a negative value means that none
	// fails.
	failAfter int
}

var errRefused = errors.New("the API server is away")

func newCluster(objects ...client.Object) *cluster {
	c := &cluster{failAfter: -1}
	write := func() error {
		c.writes++
		if c.failAfter >= 0 && c.writes > c.failAfter {
			return errRefused
		}
		return nil
	}
	c.Client = fake.NewClientBuilder().WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		Create: func(ctx context.Context, w client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			if err := write(); err != nil {
				return err
			}
			return w.Create(ctx, o, opts...)
		},
		Update: func(ctx context.Context, w client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			if err := write(); err != nil {
				return err
			}
			return w.Update(ctx, o, opts...)
		},
		Delete: func(ctx context.Context, w client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			if err := write(); err != nil {
				return err
			}
			return w.Delete(ctx, o, opts...)
		},
	}).Build()
	c.Store = &ledger.Store{Reader: c.Client, Writer: c.Client}
	return c
}

// during counts the writes of f; after failAfter of them all fail.
func (c *cluster) during(failAfter int, f func() error) (writes int, err error) {
	c.writes, c.failAfter = 0, failAfter
	err = f()
	c.failAfter = -1
	return c.writes, err
}

func (c *cluster) configMaps(g *WithT) []corev1.ConfigMap {
	var list corev1.ConfigMapList
	g.Expect(c.List(context.Background(), &list)).To(Succeed())
	return list.Items
}

func (c *cluster) configMap(g *WithT, name string) *corev1.ConfigMap {
	var config corev1.ConfigMap
	g.Expect(c.Get(context.Background(), client.ObjectKey{Namespace: "identity", Name: name}, &config)).To(Succeed())
	return &config
}

func ownerNamed(name, uid string) ledger.Owner {
	object := &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: name, UID: types.UID(uid)}}
	return ledger.OwnerOf(object, v1alpha1.GroupVersion.WithKind("BulkUserImport"), ledger.ImportSuffix)
}

var owner = ownerNamed("hires", "1")

// several rows take more than two ConfigMaps.
const several = 1_500

// entries returns n rows that state fifteen fields each.
func entries(n int) []ledger.Entry { return slices.Clone(everybody()[:n]) }

var everybody = sync.OnceValue(func() []ledger.Entry {
	paths := []string{
		"username", "email", "firstname", "lastname", "displayname", "attributes.EmployeeID",
		"addresses.work.locality", "addresses.work.country", "phoneNumbers.mobile",
		"company", "costCenter", "department", "employeeType", "jobTitle", "location",
	}
	all := make([]ledger.Entry, 20_000)
	for i := range all {
		name := fmt.Sprintf("firstname.lastname%d", i)
		all[i] = ledger.Entry{Row: i + 1, Username: name, Email: name + "@example.org", Action: ledger.ActionCreate, Job: int32(i/500 + 1)}
		for _, path := range paths {
			all[i].Digests = append(all[i].Digests, ledger.FieldDigest{Path: path, Digest: ledger.Digest("uid", path, name)})
		}
	}
	return all
})

func run(number int64, entries []ledger.Entry) *ledger.Ledger {
	return (*ledger.Ledger)(nil).Successor(fmt.Sprintf("sha256:%064d", number), number, entries)
}

func mustRead(g *WithT, c *cluster) *ledger.Ledger {
	read, err := c.Read(context.Background(), owner)
	g.Expect(err).NotTo(HaveOccurred())
	return read
}

func TestLargeLedgerSurvivesStorage(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	want := run(3, entries(20_000))
	want.Entries[7] = ledger.Entry{
		Row: 8, Username: `o"neill, jack`, Email: "o'neill@example.org", Action: ledger.ActionUpdate,
		UserID: "65f1c0ffee65f1c0ffee0aaa", Job: 2, Attempts: 3, Withheld: true, Retryable: true,
		Approved: "0123456789abcdef0123456789abcdef", Withdrawn: true, Harmful: true, Reserved: true, Deferred: true, Omits: true,
		Kept:    []v1alpha1.KeptValue{{Path: "phoneNumbers.a b=c", Declared: "0123456789abcdef", Kept: "fedcba9876543210"}},
		Digests: []ledger.FieldDigest{{Path: "attributes.a b=c%20+", Digest: "0123456789abcdef"}},
		Outcome: ledger.OutcomeFailed, Reason: "JobFailed", Message: `said "no", then left`, JobID: "65f1c0ffee65f1c0ffee0001",
	}
	references, err := c.Write(ctx, owner, want)
	g.Expect(err).NotTo(HaveOccurred())

	rows := 0
	for i, reference := range references {
		config := c.configMap(g, reference.ConfigMap)
		g.Expect(config.Name).To(Equal(fmt.Sprintf("hires-import-results-%03d", i)))
		g.Expect(config.Size()).To(BeNumerically("<=", 512<<10))
		g.Expect(config.Data).To(HaveLen(1))
		g.Expect(config.Data).To(HaveKey("manifest.csv"))
		g.Expect(config.Labels).To(HaveKeyWithValue("jumpcloud-operator.io/import", "hires"))
		g.Expect(config.Labels).To(HaveKeyWithValue("app.kubernetes.io/managed-by", "jumpcloud-operator"))
		g.Expect(metav1.IsControlledBy(config, &v1alpha1.BulkUserImport{ObjectMeta: metav1.ObjectMeta{UID: owner.Reference.UID}})).To(BeTrue())
		rows += int(reference.Rows)
	}
	g.Expect(rows).To(Equal(20_000))
	g.Expect(c.configMaps(g)).To(HaveLen(len(references)))

	read := mustRead(g, c)
	g.Expect(read.RunKey).To(Equal(want.RunKey))
	g.Expect(read.RunNumber).To(Equal(int64(3)))
	g.Expect(read.Finished).To(BeFalse())
	g.Expect(read.Partial).To(BeFalse())
	g.Expect(read.Entries).To(HaveLen(len(want.Entries)))
	for i := range want.Entries {
		if i < 10 || i%997 == 0 {
			g.Expect(read.Entries[i]).To(Equal(want.Entries[i]))
		}
	}
}

func TestResultsAreForPeople(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	finished := run(1, []ledger.Entry{
		{Row: 1, Username: "ada.byron", Email: "ada@example.org", Action: ledger.ActionCreate, Job: 1, Attempts: 1,
			Outcome: ledger.OutcomeCreated, UserID: "65f1c0ffee65f1c0ffee0aaa", JobID: "65f1c0ffee65f1c0ffee0001"},
		{Row: 2, Username: "chas", Action: ledger.ActionUpdate, Outcome: ledger.OutcomeFailed, Reason: "JobFailed", Message: "no, \"really\"\nnot"},
	})
	finished.Finished = true
	_, err := c.Write(ctx, owner, finished)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.configMap(g, "hires-import-results-000").Data).To(Equal(map[string]string{"results.csv": `row,username,email,action,outcome,reason,message,userID,jobID
1,ada.byron,ada@example.org,Create,Created,,,65f1c0ffee65f1c0ffee0aaa,65f1c0ffee65f1c0ffee0001
2,chas,,Update,Failed,JobFailed,"no, ""really"" not",,
`}))
	read := mustRead(g, c)
	g.Expect(read.Finished).To(BeTrue())
	g.Expect(read.Entries[1].Message).To(Equal(`no, "really" not`))
}

func TestLedgerWithoutRows(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	g.Expect(mustRead(g, c)).To(BeNil())
	references, err := c.Write(ctx, owner, run(1, nil))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(references).To(ConsistOf(HaveField("ConfigMap", "hires-import-results-000")))
	g.Expect(mustRead(g, c).Entries).To(BeEmpty())
}

func TestEqualIsNotWritten(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(several))
	_, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	write := func(l *ledger.Ledger) int {
		writes, err := c.during(-1, func() error { _, err := c.Write(ctx, owner, l); return err })
		g.Expect(err).NotTo(HaveOccurred())
		return writes
	}
	g.Expect(write(l)).To(BeZero())
	g.Expect(write(mustRead(g, c))).To(BeZero())
	g.Expect(write(run(1, entries(several)))).To(BeZero(), "another process comes to the same ledger")

	// Only the ConfigMap that holds the row is written.
	l.Entries[0].Outcome = ledger.OutcomeCreated
	g.Expect(write(l)).To(Equal(1))

	// Additions of others to a ConfigMap stay, and cause no write.
	config := c.configMap(g, "hires-import-results-000")
	config.Labels["theirs"] = "yes"
	g.Expect(c.Update(ctx, config)).To(Succeed())
	l = mustRead(g, c)
	g.Expect(write(l)).To(BeZero())
	l.Entries[1].Outcome = ledger.OutcomeCreated
	g.Expect(write(l)).To(Equal(1))
	g.Expect(c.configMap(g, "hires-import-results-000").Labels).To(HaveKeyWithValue("theirs", "yes"))
}

func TestRowsStayInTheirConfigMaps(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(several))
	before, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(len(before)).To(BeNumerically(">", 2))

	// Every row gets the longest possible message, and some digits more.
	for i := range l.Entries {
		e := &l.Entries[i]
		e.Outcome, e.Reason, e.Message = ledger.OutcomeFailed, "RemoteConflict", strings.Repeat(`"`, 300)
		e.UserID, e.JobID = "65f1c0ffee65f1c0ffee0aaa", "65f1c0ffee65f1c0ffee0001"
		e.Attempts, e.Retryable = 3, true
	}
	after, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(places(after)).To(Equal(places(before)))
	for _, config := range c.configMaps(g) {
		g.Expect(config.Size()).To(BeNumerically("<=", 512<<10))
	}
	read := mustRead(g, c)
	g.Expect(read.Entries).To(HaveLen(several))
	for _, entry := range read.Entries {
		g.Expect(entry.Outcome).To(Equal(ledger.OutcomeFailed))
		g.Expect(entry.Message).NotTo(BeEmpty())
	}

	// A ledger that was read from results lacks the digests that it was split with.
	read.Finished = true
	_, err = c.Write(ctx, owner, read)
	g.Expect(err).NotTo(HaveOccurred())
	read = mustRead(g, c)
	read.Entries[0].Message = "changed"
	after, err = c.Write(ctx, owner, read)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(places(after)).To(Equal(places(before)))
}

// places returns references without what depends on the content.
func places(references []v1alpha1.ResultsReference) []v1alpha1.ResultsReference {
	all := slices.Clone(references)
	for i := range all {
		all[i].Digest = ""
	}
	return all
}

func TestSmallerRunDeletesWhatIsTooMany(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	_, err := c.Write(ctx, owner, run(1, entries(2*several)))
	g.Expect(err).NotTo(HaveOccurred())
	many := len(c.configMaps(g))
	g.Expect(many).To(BeNumerically(">", 3))

	small := mustRead(g, c).Successor("sha256:b", 2, entries(10))
	// The write is cut off after the first deletion.
	_, err = c.during(2, func() error { _, err := c.Write(ctx, owner, small); return err })
	g.Expect(err).To(MatchError(errRefused))
	g.Expect(c.configMaps(g)).To(HaveLen(many - 1))
	read := mustRead(g, c)
	g.Expect(read.RunNumber).To(BeEquivalentTo(2))
	g.Expect(read.Entries).To(HaveLen(10))

	_, err = c.Write(ctx, owner, read)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(c.configMaps(g)).To(HaveLen(1))
}

func TestFirstWriteCutOffIsNoLedger(t *testing.T) {
	g, ctx := NewWithT(t), context.Background()
	for cut := range 3 {
		c := newCluster()
		l := run(1, entries(several))
		_, err := c.during(cut, func() error { _, err := c.Write(ctx, owner, l); return err })
		g.Expect(err).To(MatchError(errRefused))
		g.Expect(mustRead(g, c)).To(BeNil(), "after %d ConfigMaps", cut)

		// Both the same ledger and that of another process can be written.
		again := l
		if cut%2 == 1 {
			again = run(1, entries(several))
		}
		_, err = c.Write(ctx, owner, again)
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(mustRead(g, c).Entries).To(HaveLen(several))
	}
}

func TestNextRunCutOffIsNoLedger(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	_, err := c.Write(ctx, owner, run(1, entries(several)))
	g.Expect(err).NotTo(HaveOccurred())
	next := mustRead(g, c).Successor("sha256:b", 2, entries(several))
	_, err = c.during(2, func() error { _, err := c.Write(ctx, owner, next); return err })
	g.Expect(err).To(MatchError(errRefused))
	g.Expect(mustRead(g, c)).To(BeNil())
	_, err = c.Write(ctx, owner, run(2, entries(several)))
	g.Expect(err).NotTo(HaveOccurred(), "there is no whole ledger to respect")
}

func TestUpdateCutOffIsPartial(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(several))
	_, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	for i := range l.Entries {
		l.Entries[i].Outcome = ledger.OutcomeCreated
	}
	_, err = c.during(1, func() error { _, err := c.Write(ctx, owner, l); return err })
	g.Expect(err).To(MatchError(errRefused))

	read := mustRead(g, c)
	g.Expect(read.Partial).To(BeTrue())
	g.Expect(read.Entries).To(HaveLen(several), "what was submitted is not lost")
	g.Expect(read.Entries[0].Outcome).To(Equal(ledger.OutcomeCreated))
	g.Expect(read.Entries[several-1].Outcome).To(BeEmpty())

	_, err = c.Write(ctx, owner, read)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mustRead(g, c).Partial).To(BeFalse(), "somebody took note of it")

	_, err = c.Write(ctx, owner, mustRead(g, c).Successor(l.RunKey, 1, l.Entries))
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mustRead(g, c).Entries[several-1].Outcome).To(Equal(ledger.OutcomeCreated))
}

func TestFinishCutOffKeepsEveryRow(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(several))
	for i := range l.Entries {
		l.Entries[i].Outcome = ledger.OutcomeCreated
	}
	_, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	l.Finished = true
	_, err = c.during(1, func() error { _, err := c.Write(ctx, owner, l); return err })
	g.Expect(err).To(MatchError(errRefused))
	read := mustRead(g, c)
	g.Expect(read.Finished).To(BeFalse())
	g.Expect(read.Partial).To(BeTrue())
	g.Expect(read.Entries).To(HaveLen(several))
}

// Results of a plan have no jobs: if they were taken for a manifest, their rows would never be
// sent.
func TestManifestCutOffOverAPlanIsNoLedger(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	plan := run(1, entries(several))
	plan.Finished = true
	_, err := c.Write(ctx, owner, plan)
	g.Expect(err).NotTo(HaveOccurred())
	manifest := plan.Successor(plan.RunKey, 1, entries(several))
	_, err = c.during(1, func() error { _, err := c.Write(ctx, owner, manifest); return err })
	g.Expect(err).To(MatchError(errRefused))
	g.Expect(mustRead(g, c)).To(BeNil())
}

func TestReadNoticesWhatIsNotOurs(t *testing.T) {
	const first, second = "hires-import-results-000", "hires-import-results-001"
	for name, spoil := range map[string]func(g *WithT, c *cluster){
		"one is missing": func(g *WithT, c *cluster) {
			g.Expect(c.Delete(context.Background(), c.configMap(g, second))).To(Succeed())
		},
		"the first is missing": func(g *WithT, c *cluster) {
			g.Expect(c.Delete(context.Background(), c.configMap(g, first))).To(Succeed())
		},
		"one was edited": func(g *WithT, c *cluster) {
			config := c.configMap(g, second)
			config.Data["manifest.csv"] = strings.Replace(config.Data["manifest.csv"], "Create", "Update", 1)
			g.Expect(c.Update(context.Background(), config)).To(Succeed())
		},
		"one was emptied": func(g *WithT, c *cluster) {
			config := c.configMap(g, second)
			config.Data = nil
			g.Expect(c.Update(context.Background(), config)).To(Succeed())
		},
		"one has lost its annotations": func(g *WithT, c *cluster) {
			config := c.configMap(g, first)
			config.Annotations = nil
			g.Expect(c.Update(context.Background(), config)).To(Succeed())
		},
		"two were exchanged": func(g *WithT, c *cluster) {
			a, b := c.configMap(g, first), c.configMap(g, second)
			a.Data, b.Data = b.Data, a.Data
			a.Annotations, b.Annotations = b.Annotations, a.Annotations
			g.Expect(c.Update(context.Background(), a)).To(Succeed())
			g.Expect(c.Update(context.Background(), b)).To(Succeed())
		},
		"one is of an earlier run": func(g *WithT, c *cluster) {
			old := c.configMap(g, second)
			_, err := c.Write(context.Background(), owner, mustRead(g, c).Successor("sha256:b", 2, entries(several)))
			g.Expect(err).NotTo(HaveOccurred())
			config := c.configMap(g, second)
			config.Data, config.Annotations = old.Data, old.Annotations
			g.Expect(c.Update(context.Background(), config)).To(Succeed())
		},
		"one belongs to somebody else": func(g *WithT, c *cluster) {
			config := c.configMap(g, second)
			config.OwnerReferences = nil
			g.Expect(c.Update(context.Background(), config)).To(Succeed())
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, c := NewWithT(t), newCluster()
			_, err := c.Write(context.Background(), owner, run(1, entries(several)))
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(mustRead(g, c)).NotTo(BeNil())
			spoil(g, c)
			g.Expect(mustRead(g, c)).To(BeNil())
		})
	}
}

func TestOtherPeoplesConfigMapsAreNotTouched(t *testing.T) {
	for name, theirs := range map[string]struct {
		references []metav1.OwnerReference
		leaving    bool
	}{
		"nobody's":       {},
		"another kind's": {references: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: "hires", UID: "other", Controller: new(true)}}},
		"owned by us, not controlled": {references: []metav1.OwnerReference{{
			APIVersion: owner.Reference.APIVersion, Kind: owner.Reference.Kind, Name: "hires", UID: owner.Reference.UID}}},
		"our predecessor's": {references: []metav1.OwnerReference{ownerNamed("hires", "0").Reference}, leaving: true},
	} {
		t.Run(name, func(t *testing.T) {
			g, ctx := NewWithT(t), context.Background()
			config := &corev1.ConfigMap{
				ObjectMeta: metav1.ObjectMeta{Namespace: "identity", Name: "hires-import-results-002", OwnerReferences: theirs.references},
				Data:       map[string]string{"theirs": "yes"},
			}
			c := newCluster(config)
			before := c.configMap(g, config.Name)

			writes, err := c.during(-1, func() error { _, err := c.Write(ctx, owner, run(1, entries(several))); return err })
			var conflict *ledger.NameConflictError
			g.Expect(errors.As(err, &conflict)).To(BeTrue(), "got %v", err)
			g.Expect(conflict.Name).To(Equal(config.Name))
			g.Expect(conflict.Leaving).To(Equal(theirs.leaving))
			g.Expect(writes).To(BeZero(), "nothing is written, not even before it")

			_, err = c.Write(ctx, owner, run(1, entries(10)))
			g.Expect(err).NotTo(HaveOccurred(), "it is not in the way of a small run")
			g.Expect(c.configMap(g, config.Name)).To(Equal(before))
		})
	}
}

func TestConcurrentWritersConflict(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	_, err := c.Write(ctx, owner, run(1, entries(several)))
	g.Expect(err).NotTo(HaveOccurred())

	mine, theirs := mustRead(g, c), mustRead(g, c)
	theirs.Entries[several-1].Outcome = ledger.OutcomeCreated
	_, err = c.Write(ctx, owner, theirs)
	g.Expect(err).NotTo(HaveOccurred())

	for name, stale := range map[string]*ledger.Ledger{
		"read before":              mine,
		"succeeds what was read":   mine.Successor("sha256:b", 2, entries(5)),
		"never read what is there": run(2, entries(5)),
		"same run, never read":     run(1, entries(several)),
	} {
		t.Run(name, func(t *testing.T) {
			g := NewWithT(t)
			stale.Entries[0].Outcome = ledger.OutcomeFailed
			writes, err := c.during(-1, func() error { _, err := c.Write(ctx, owner, stale); return err })
			g.Expect(apierrors.IsConflict(err)).To(BeTrue(), "got %v", err)
			g.Expect(writes).To(BeZero())
		})
	}
	theirs.Entries[0].Outcome = ledger.OutcomeCreated
	_, err = c.Write(ctx, owner, theirs)
	g.Expect(err).NotTo(HaveOccurred(), "who wrote last can write on")
}

func TestWriterBetweenReadAndWriteConflicts(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	stale := run(1, entries(10))
	_, err := c.Write(ctx, owner, run(1, entries(10)))
	g.Expect(err).NotTo(HaveOccurred())

	// The store reads an outdated ConfigMap.
	old := c.configMap(g, "hires-import-results-000")
	behind := interceptor.NewClient(c.Client.(client.WithWatch), interceptor.Funcs{
		Get: func(ctx context.Context, w client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if key.Name == old.Name {
				old.DeepCopyInto(o.(*corev1.ConfigMap))
				return nil
			}
			return w.Get(ctx, key, o, opts...)
		},
	})
	store := ledger.Store{Reader: behind, Writer: c.Client}
	l, err := store.Read(ctx, owner)
	g.Expect(err).NotTo(HaveOccurred())
	touched := old.DeepCopy()
	touched.Labels["theirs"] = "yes"
	g.Expect(c.Update(ctx, touched)).To(Succeed())
	l.Entries[0].Outcome = ledger.OutcomeCreated
	_, err = store.Write(ctx, owner, l)
	g.Expect(apierrors.IsConflict(err)).To(BeTrue(), "update: got %v", err)

	// The store finds no ConfigMap where another client has just created one.
	absent := interceptor.NewClient(c.Client.(client.WithWatch), interceptor.Funcs{
		Get: func(_ context.Context, _ client.WithWatch, key client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
			return apierrors.NewNotFound(corev1.Resource("configmaps"), key.Name)
		},
	})
	store = ledger.Store{Reader: absent, Writer: c.Client}
	_, err = store.Write(ctx, owner, stale)
	g.Expect(apierrors.IsConflict(err)).To(BeTrue(), "create: got %v", err)
}

func TestTooLarge(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	row := ledger.Entry{Row: 1, Action: ledger.ActionCreate}
	for i := range 20_000 {
		row.Digests = append(row.Digests, ledger.FieldDigest{Path: fmt.Sprintf("attributes.a%d", i), Digest: "0123456789abcdef"})
	}
	_, err := c.Write(ctx, owner, run(1, []ledger.Entry{row}))
	g.Expect(err).To(MatchError(ledger.ErrTooLarge))
	g.Expect(c.configMaps(g)).To(BeEmpty())
}

func TestErrorsOfTheServerAreReturned(t *testing.T) {
	g, ctx := NewWithT(t), context.Background()
	away := interceptor.NewClient(newCluster().Client.(client.WithWatch), interceptor.Funcs{
		Get: func(context.Context, client.WithWatch, client.ObjectKey, client.Object, ...client.GetOption) error {
			return errRefused
		},
	})
	store := ledger.Store{Reader: away, Writer: away}
	_, err := store.Read(ctx, owner)
	g.Expect(err).To(MatchError(errRefused), "not reading is not reading that there is none")
	_, err = store.Write(ctx, owner, run(1, entries(1)))
	g.Expect(err).To(MatchError(errRefused))
}

func TestLongNamesFitLabels(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	long := strings.Repeat("a.", 99)
	var labels []string
	for _, name := range []string{long + "aa", long + "bb", strings.Repeat("a", 63)} {
		references, err := c.Write(ctx, ownerNamed(name, "1"), run(1, nil))
		g.Expect(err).NotTo(HaveOccurred())
		label := c.configMap(g, references[0].ConfigMap).Labels["jumpcloud-operator.io/import"]
		g.Expect(validation.IsValidLabelValue(label)).To(BeEmpty())
		labels = append(labels, label)
	}
	g.Expect(labels[0]).To(HavePrefix("a.a."))
	g.Expect(labels[0]).NotTo(Equal(labels[1]))
	g.Expect(labels[2]).To(Equal(strings.Repeat("a", 63)))
}

func BenchmarkTenThousandRows(b *testing.B) {
	ctx := context.Background()
	all := entries(10_000)
	for b.Loop() {
		c := newCluster()
		references, err := c.Write(ctx, owner, run(1, all))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Read(ctx, owner); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(references)), "configmaps")
	}
}

// A ledger is believed only if the status anchors its ConfigMaps. It does not anchor an edit,
// even with a matching digest, but it anchors what a cut-off write left, if the status
// announced that write.
func TestALedgerIsAnchoredInTheStatus(t *testing.T) {
	g, ctx, c := NewWithT(t), context.Background(), newCluster()
	l := run(1, entries(several))
	before, err := c.Write(ctx, owner, l)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mustRead(g, c).Anchored(before)).To(BeTrue())
	g.Expect(mustRead(g, c).Anchored(before[:2])).To(BeFalse(), "every ConfigMap is named")
	g.Expect(mustRead(g, c).Anchored(nil)).To(BeFalse())

	l.Entries[0].Outcome, l.Entries[several-1].Outcome = ledger.OutcomeCreated, ledger.OutcomeFailed
	foretold, err := l.NextReferences(owner)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(foretold[0].Digest).To(Equal(before[0].Digest))
	g.Expect(foretold[1]).To(Equal(before[1]), "it is not written")
	g.Expect(mustRead(g, c).Anchored(foretold)).To(BeTrue(), "before the write")
	_, err = c.during(1, func() error {
		_, err := c.Write(ctx, owner, l)
		return err
	})
	g.Expect(err).To(MatchError(errRefused))
	cut := mustRead(g, c)
	g.Expect(cut.Partial).To(BeTrue())
	g.Expect(cut.Anchored(foretold)).To(BeTrue(), "in the middle of it")
	g.Expect(cut.Anchored(before)).To(BeFalse(), "nobody announced it")

	cut.Entries[0].Outcome, cut.Entries[several-1].Outcome = ledger.OutcomeCreated, ledger.OutcomeFailed
	after, err := c.Write(ctx, owner, cut)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(mustRead(g, c).Anchored(foretold)).To(BeTrue(), "after it")
	g.Expect(after[0].Digest).To(Equal(foretold[0].Next))
	g.Expect(cut.References(owner)).To(Equal(after))

	// An editor of a ConfigMap can also compute the digest in its annotation: here with the
	// same code.
	forger := newCluster()
	forged := run(1, entries(several))
	forged.Entries[3].Approved = "approved"
	_, err = forger.Write(ctx, owner, forged)
	g.Expect(err).NotTo(HaveOccurred())
	edited, theirs := c.configMap(g, "hires-import-results-000"), forger.configMap(g, "hires-import-results-000")
	edited.Data, edited.Annotations = theirs.Data, theirs.Annotations
	g.Expect(c.Update(ctx, edited)).To(Succeed())
	g.Expect(mustRead(g, c).Anchored(after)).To(BeFalse())
}
