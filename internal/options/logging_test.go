package options

import (
	"bytes"
	"flag"
	"testing"

	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
)

func TestNoLevelWritesBodies(t *testing.T) {
	for _, level := range []string{"debug", "7", "8", "100"} {
		g := NewWithT(t)
		flags := flag.NewFlagSet("", flag.ContinueOnError)
		var log bytes.Buffer
		logging := zap.Options{DestWriter: &log}
		logging.BindFlags(flags)
		g.Expect(flags.Parse([]string{"--zap-log-level=" + level})).To(Succeed())
		KeepSecrets(&logging)

		logger := zap.New(zap.UseFlagOptions(&logging))
		logger.V(1).Info("passes")
		logger.V(8).Info("bodies")

		g.Expect(log.String()).To(And(ContainSubstring("passes"), Not(ContainSubstring("bodies"))), level)
	}
}
