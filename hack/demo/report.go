package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
	"github.com/jumpcloud-operator/jumpcloud-operator/internal/testenv"
)

const (
	// ledgerLines and exampleUsers limit what the report shows.
	ledgerLines  = 8
	exampleUsers = 6
	// resultsKey is the key of the rows in a results ConfigMap.
	resultsKey = "results.csv"
)

func heading(text string) { fmt.Printf("\n%s\n", text) }

// kubectl runs kubectl and prints its answer.
func kubectl(ctx context.Context, plane *testenv.ControlPlane, args ...string) error {
	out, err := plane.Kubectl(ctx, args...)
	fmt.Print(indent(out))
	return err
}

func indent(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString("  " + line)
	}
	return b.String()
}

// reportImports prints the outcome of each import and the beginning of its results.
func reportImports(ctx context.Context, reader client.Reader) error {
	var imports v1alpha1.BulkUserImportList
	if err := reader.List(ctx, &imports); err != nil {
		return err
	}
	for i := range imports.Items {
		o := &imports.Items[i]
		heading("Results of " + o.Name)
		if ready := apimeta.FindStatusCondition(o.Status.Conditions, v1alpha1.ReadyCondition); ready != nil {
			fmt.Printf("  %s: %s\n", ready.Reason, ready.Message)
		}
		for _, result := range o.Status.Results {
			fmt.Printf("  ConfigMap %s, %s, %d rows:\n", result.ConfigMap, resultsKey, result.Rows)
			var ledger corev1.ConfigMap
			if err := reader.Get(ctx, client.ObjectKey{Namespace: o.Namespace, Name: result.ConfigMap}, &ledger); err != nil {
				return err
			}
			lines := slices.Collect(strings.Lines(ledger.Data[resultsKey]))
			shown := lines[:min(len(lines), ledgerLines)]
			fmt.Print(indent(indent(strings.Join(shown, ""))))
			if len(lines) > len(shown) {
				fmt.Printf("    ... and %d more\n", len(lines)-len(shown))
			}
		}
	}
	return nil
}

// reportSimulator prints the final contents of the simulated JumpCloud.
func reportSimulator(ctx context.Context) error {
	all, err := look(ctx)
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, u := range all.users {
		names[u.ID] = u.Username
	}
	reportUsers(all.users, names)
	heading("Its groups")
	for _, g := range all.groups {
		fmt.Printf("  %-14s %-20s %3d members: %s\n", g.Name, g.Method, len(g.Members), some(g.Members, names))
	}
	heading("Its scheduled states")
	for _, job := range all.scheduled {
		state := "pending"
		if !job.ExecutedAt.IsZero() {
			state = "executed"
		}
		fmt.Printf("  %-10s %s  %-9s %s\n", job.State, job.Date.Format(time.RFC3339), state, some(job.Users, names))
	}
	heading("Its push endpoints")
	for _, u := range all.users {
		phones, err := all.phones(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, phone := range phones {
			fmt.Printf("  %-22s %-16s %s\n", u.Username, phone.Name, phone.State)
		}
	}
	return nil
}

// reportUsers prints counts, and the latest users.
func reportUsers(all []user, names map[string]string) {
	heading(fmt.Sprintf("The simulated directory holds %d users", len(all)))
	fmt.Printf("  by state:      %s\n", countBy(all, func(u user) string { return u.State }))
	fmt.Printf("  by department: %s\n", countBy(all, func(u user) string { return u.Department }))
	fmt.Println("  the latest:")
	for _, u := range all[max(0, len(all)-exampleUsers):] {
		fmt.Printf("    %-22s %-10s %-18s %-26s manager: %s\n", u.Username, u.State, u.Department, u.JobTitle, cmp.Or(names[u.Manager], "-"))
	}
}

// some returns the names of the first of some users.
func some(ids []string, names map[string]string) string {
	var shown []string
	for _, id := range ids[:min(len(ids), exampleUsers)] {
		shown = append(shown, names[id])
	}
	if len(ids) > len(shown) {
		shown = append(shown, "...")
	}
	return strings.Join(shown, ", ")
}

// countBy returns counts such as "a 3, b 2", the largest first.
func countBy(all []user, key func(user) string) string {
	counts := map[string]int{}
	for _, u := range all {
		counts[cmp.Or(key(u), "none")]++
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for i, k := range keys {
		keys[i] = fmt.Sprintf("%s %d", k, counts[k])
	}
	return strings.Join(keys, ", ")
}
