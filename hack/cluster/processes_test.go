package cluster

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	root = "../.."
	bin  = root + "/bin/"
	kept = root + "/.cluster/" // images and logs
)

// process is a part of the node. It ends with the namespace at the latest.
type process struct {
	command []string
	log     string
	running *exec.Cmd
}

// start starts a process, whose log is named after its program.
func start(program string, args ...string) *process {
	GinkgoHelper()
	p := &process{command: append([]string{program}, args...), log: kept + "log/" + filepath.Base(program) + ".log"}
	p.start()
	return p
}

// start starts the process, for the first time or after kill.
func (p *process) start() {
	GinkgoHelper()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	Expect(err).NotTo(HaveOccurred())
	defer func() { Expect(log.Close()).To(Succeed()) }()
	p.running = exec.Command(p.command[0], p.command[1:]...)
	p.running.Stdout, p.running.Stderr = log, log
	// Ctrl-C must reach the test only, which needs the node to report what it saw.
	p.running.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	Expect(p.running.Start()).To(Succeed())
}

// kill ends the process as a crash does.
func (p *process) kill() {
	GinkgoHelper()
	Expect(p.running.Process.Kill()).To(Succeed())
	_ = p.running.Wait() // the error says that it was killed
}

// run runs a command and returns what it printed.
func run(program string, args ...string) string {
	GinkgoHelper()
	output, err := exec.Command(program, args...).CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s %v: %s", program, args, output)
	return string(output)
}

// kubectl runs kubectl as an administrator.
func kubectl(args ...string) string {
	GinkgoHelper()
	return run(bin+"kubectl", args...)
}

// tryKubectl is kubectl for calls that may fail.
func tryKubectl(args ...string) (string, error) {
	output, err := exec.Command(bin+"kubectl", args...).CombinedOutput()
	return string(output), err
}

// files returns the files that match a pattern.
func files(pattern string) []string {
	GinkgoHelper()
	found, err := filepath.Glob(pattern)
	Expect(err).NotTo(HaveOccurred())
	Expect(found).NotTo(BeEmpty(), pattern)
	return found
}
