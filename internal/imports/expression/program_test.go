package expression

import (
	"testing"

	. "github.com/onsi/gomega"

	"github.com/jumpcloud-operator/jumpcloud-operator/api/v1alpha1"
)

// Many rows that are each cheap cannot keep the operator busy either.
func TestProgramsThatTakeTooLongTogether(t *testing.T) {
	g := NewWithT(t)
	row := map[string]string{"Status": "Active"}
	p, problem := Rows.Program(`row.Status == "Active"`, []v1alpha1.AttributeMapping{{Attribute: "department", From: "row.Status"}})
	g.Expect(problem).To(BeEmpty())
	keeps, problem, err := p.Keeps(t.Context(), row)
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(problem).To(BeEmpty())
	g.Expect(keeps).To(BeTrue())
	g.Expect(p.cost).To(BeNumerically(">", 0), "costs are counted")

	limited := p.Limited()
	g.Expect(limited.cost).To(BeZero())
	limited.cost, p.cost = maxTotal, maxTotal
	_, _, err = limited.Keeps(t.Context(), row)
	g.Expect(err).To(MatchError(ErrTooExpensive))
	_, _, err = limited.Cell(t.Context(), 0, row)
	g.Expect(err).To(MatchError(ErrTooExpensive))
	_, _, err = p.Keeps(t.Context(), row)
	g.Expect(err).NotTo(HaveOccurred(), "what is read in slices has no limit")
}

func TestExpressionsOverRows(t *testing.T) {
	row := map[string]string{"First Name": "Ada", "Status": ""}
	for source, wanted := range map[string]string{
		`row["First Name"].lowerAscii()`:        "ada",
		`row.Status`:                            "",
		`row[?"Gone"]`:                          "",
		`"Gone" in row ? "x" : "y"`:             "y",
		`row.exists(k, row[k] == "Ada") ? 1: 2`: "1",
	} {
		t.Run(source, func(t *testing.T) {
			g := NewWithT(t)
			p, problem := Rows.Program("", []v1alpha1.AttributeMapping{{Attribute: "department", From: source}})
			g.Expect(problem).To(BeEmpty())
			cell, problem, err := p.Cell(t.Context(), 0, row)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(problem).To(BeEmpty())
			g.Expect(cell).To(Equal(wanted))
		})
	}
}
