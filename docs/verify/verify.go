// Command verify checks what a Huying district hands out, with none of Huying's own code: receipts, checkpoints, and that a
// newer checkpoint continues an older one. It rests on golang.org/x/mod/sumdb (note, tlog), which Debian packages, and on
// Go's standard library. README.md says how to build it and what its answers mean.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type receipt struct {
	Format string `json:"format"`
	Stream string `json:"stream"`
	Facts  []fact `json:"facts"`
}

type fact struct {
	Position    int64       `json:"position"`
	Version     int64       `json:"version"`
	Kind        string      `json:"kind"`
	At          string      `json:"at"`
	ClaimedAt   *string     `json:"claimed_at"`
	EffectiveAt string      `json:"effective_at"`
	Actor       string      `json:"actor"`
	Body        string      `json:"body"`
	Disclosed   []disclosed `json:"disclosed"`
	Proof       *string     `json:"proof"`
}

type disclosed struct {
	Field string `json:"field"`
	Salt  string `json:"salt"`
	Value string `json:"value"`
}

type checkpoint struct {
	size int64
	root tlog.Hash
}

func main() {
	const usage = "usage: verify receipt FILE VKEY | verify checkpoint FILE VKEY | verify consistency OLD FILE VKEY"
	need(len(os.Args) >= 4, usage)
	files, vkey := os.Args[2:len(os.Args)-1], os.Args[len(os.Args)-1]
	key, err := note.NewVerifier(vkey)
	need(err == nil, "the verifier key: %v", err)
	var contents []string
	for _, file := range files {
		content, err := os.ReadFile(file)
		need(err == nil, "%v", err)
		contents = append(contents, string(content))
	}
	switch what := fmt.Sprint(os.Args[1], len(files)); what {
	case "receipt1":
		checkReceipt(contents[0], key)
	case "checkpoint1":
		fmt.Printf("ok: %s signed for %d entries\n", key.Name(), openCheckpoint(contents[0], key).size)
	case "consistency2":
		checkConsistency(contents[0], contents[1], key)
	default:
		need(false, usage)
	}
}

// need ends the program with a reason unless ok.
func need(ok bool, reason string, values ...any) {
	if !ok {
		fmt.Fprintf(os.Stderr, "NOT VALID: "+reason+"\n", values...)
		os.Exit(1)
	}
}

func checkReceipt(file string, key note.Verifier) {
	var r receipt
	err := json.Unmarshal([]byte(file), &r)
	need(err == nil, "not a receipt: %v", err)
	// The file must be exactly what its values are written as: nothing beside them, nothing twice, nothing spelled otherwise.
	var canonical bytes.Buffer
	encoder := json.NewEncoder(&canonical)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	need(encoder.Encode(r) == nil, "not a receipt")
	spelled := strings.NewReplacer(`\\`, `\\`, `\u2028`, "\u2028", `\u2029`, "\u2029", `\u0008`, `\b`, `\u000c`, `\f`)
	need(spelled.Replace(canonical.String()) == file, "the receipt is not written in its one form: it was edited")
	need(r.Format == "huying-receipt@v1" && len(r.Facts) > 0, "not a receipt of the form huying-receipt@v1")
	for i, f := range r.Facts {
		ordered := i == 0 || f.Position > r.Facts[i-1].Position
		need(f.Version == int64(i)+1 && ordered, "position %d: a fact before it is missing", f.Position)
		c := checkFact(r.Stream, f, key)
		fmt.Printf("%s %s (position %d of %d)\n  %s\n", f.At, f.Kind, f.Position, c.size, f.Body)
		for _, d := range f.Disclosed {
			fmt.Printf("  %s: %s\n", d.Field, d.Value)
		}
	}
	fmt.Printf("ok: %d facts of %s, in the log signed by %s\n", len(r.Facts), r.Stream, key.Name())
}

func checkFact(stream string, f fact, key note.Verifier) checkpoint {
	need(f.Proof != nil, "position %d is pending: the log had not taken it in yet; ask for a new receipt", f.Position)
	claimed := []byte{}
	if f.ClaimedAt != nil {
		claimed = micros(*f.ClaimedAt)
	}
	entry := hashOf([]byte("huying fact v1"), number(f.Position), []byte(stream), number(f.Version), []byte(f.Kind),
		micros(f.At), claimed, micros(f.EffectiveAt), []byte(f.Actor), []byte(f.Body))
	index, path, signed := parseProof(*f.Proof, "c2sp.org/tlog-proof@v1\nindex ")
	c := openCheckpoint(signed, key)
	need(index == f.Position-1, "position %d: the proof is of another position", f.Position)
	err := tlog.CheckRecord(path, c.size, c.root, index, tlog.RecordHash(entry))
	need(err == nil, "position %d is not this fact in the log: %v", f.Position, err)
	for _, d := range f.Disclosed {
		var body struct{ Sealed map[string]string }
		need(json.Unmarshal([]byte(f.Body), &body) == nil, "position %d: the body has no commitments", f.Position)
		salt := decode(d.Salt, 16)
		sum := sha256.Sum256(append(salt, d.Value...))
		need(base64.StdEncoding.EncodeToString(sum[:]) == body.Sealed[d.Field],
			"position %d: the value shown for %q is not the one committed to", f.Position, d.Field)
	}
	return c
}

func checkConsistency(old, proof string, key note.Verifier) {
	before := openCheckpoint(old, key)
	size, path, signed := parseProof(proof, "old ")
	after := openCheckpoint(signed, key)
	need(size == before.size && (size > 0 || len(path) == 0), "the proof starts from another checkpoint")
	if size > 0 {
		err := tlog.CheckTree(path, after.size, after.root, before.size, before.root)
		need(err == nil, "the log was rewritten: %v", err)
	}
	fmt.Printf("ok: the log of %d entries begins with the log of %d entries\n", after.size, before.size)
}

// parseProof reads a head and a number, hashes one a line, an empty line, and a checkpoint.
func parseProof(text, head string) (int64, []tlog.Hash, string) {
	proof, signed, found := strings.Cut(text, "\n\n")
	digits, hashes, _ := strings.Cut(strings.TrimPrefix(proof, head), "\n")
	n, err := strconv.ParseInt(digits, 10, 64)
	written := head + strconv.FormatInt(n, 10)
	need(found && err == nil && (proof == written || strings.HasPrefix(proof, written+"\n")), "malformed proof")
	var path []tlog.Hash
	for _, line := range strings.Split(hashes, "\n") {
		if proof != written {
			path = append(path, tlog.Hash(*(*[32]byte)(decode(line, 32))))
		}
	}
	return n, path, signed
}

// openCheckpoint checks the signature and reads the three lines of a C2SP tlog-checkpoint.
func openCheckpoint(text string, key note.Verifier) checkpoint {
	opened, err := note.Open([]byte(text), note.VerifierList(key))
	need(err == nil, "the checkpoint: %v", err)
	decode(opened.Sigs[0].Base64, 68)
	lines := strings.Split(opened.Text, "\n")
	need(len(lines) >= 4 && lines[0] == key.Name(), "the checkpoint is of another log than the key")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	need(err == nil && size >= 0 && strconv.FormatInt(size, 10) == lines[1], "malformed checkpoint")
	return checkpoint{size, tlog.Hash(*(*[32]byte)(decode(lines[2], 32)))}
}

// hashOf is SHA-256 over the parts, each after its length as 8 bytes, most significant first.
func hashOf(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write(number(int64(len(part))))
		h.Write(part)
	}
	return h.Sum(nil)
}

// decode reads exactly one way of writing exactly so many bytes.
func decode(text string, size int) []byte {
	bytes, err := base64.StdEncoding.Strict().DecodeString(text)
	need(err == nil && len(bytes) == size && !strings.ContainsAny(text, "\r\n"), "%q is not %d bytes in base64", text, size)
	return bytes
}

// micros is microseconds since 1970 as 8 bytes.
func micros(text string) []byte {
	t, err := time.Parse(time.RFC3339Nano, text)
	need(err == nil && t.UTC().Format("2006-01-02T15:04:05.999999Z") == text, "%q is not an instant in UTC", text)
	return number(t.UnixMicro())
}

func number(n int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(n))
}
