/* Every message of the job reader, as a user sees it. */
#include "recipe.h"

#include <stdio.h>

/* What a job needs at least, to be followed by what is wrong. Lines 1 and 2. */
#define LEAST "name: a\ntrain: {epochs: 3}\n"
#define MODEL "model: [flatten]\n"
#define NEST "[[[[[[[[[[[[[[[[[[[["
#define OPEN "((((((((((((((((((((" /* 20 */

static const struct {
  const char *text, *set, *message;
} cases[] = {
    /* YAML */
    {"", NULL, "job.yaml:1: is empty (expected a job, such as name: mine)"},
    {"just text", NULL, "job.yaml:1: found 'just text' (expected a job, such as name: mine)"},
    {"- a\n", NULL, "job.yaml:1: found a list (expected a job, such as name: mine)"},
    {LEAST "model: [flatten\n", NULL,
     "job.yaml:4: not valid YAML: did not find expected ',' or ']' while parsing a flow sequence"},
    {LEAST "title: \"\xff\"\n", NULL, "job.yaml:3: not valid YAML: invalid leading UTF-8 octet"},
    {LEAST "title: \"a\\0b\"\n", NULL, "job.yaml:3: title: a text can't hold \\0"},
    {LEAST "---\nname: b\n", NULL, "job.yaml:3: a second document begins here (expected one)"},
    {LEAST "name: b\n", NULL, "job.yaml:3: duplicate key 'name' (already given in line 1)"},
    {"name: a\ntrain:\n  epochs: 3\n  epochs: 4\n", NULL,
     "job.yaml:4: train: duplicate key 'epochs' (already given in line 3)"},
    {LEAST, "dataset={name: a, name: b}", "--set dataset={name: a, name: b}: duplicate key 'name'"},
    {LEAST "? [a]\n: b\n", NULL, "job.yaml:3: a key must be a plain text"},
    {LEAST "title: !!str 5\n", NULL,
     "job.yaml:3: title: unknown tag 'tag:yaml.org,2002:str' (expected none)"},
    {LEAST "title: *t\n", NULL, "job.yaml:3: title: unknown alias '*t'"},
    {LEAST "model: " NEST NEST NEST NEST "\n", NULL,
     "job.yaml:3: is nested too deeply (expected at most 64 levels)"},
    {LEAST "model:\n- &a [" NEST "x]]]]]]]]]]]]]]]]]]]]]\n- &b [" NEST
           "*a]]]]]]]]]]]]]]]]]]]]]\n- [" NEST "*b]]]]]]]]]]]]]]]]]]]]]\n",
     NULL, "job.yaml:6: is nested too deeply (expected at most 64 levels)"},
    {LEAST "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
           "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
           "e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
     NULL, "job.yaml:7: e[7]: has too many values (expected at most 100000)"},

    /* Keys */
    {LEAST "modle: []\n", NULL, "job.yaml:3: unknown key 'modle' (did you mean 'model'?)"},
    {LEAST MODEL "sweeps: {}\n", NULL, "job.yaml:4: unknown key 'sweeps' (did you mean 'sweep'?)"},
    {LEAST "model:\n  - dense: {unist: 3}\n", NULL,
     "job.yaml:4: model[0].dense: unknown key 'unist' (did you mean 'units'?)"},
    {LEAST "model:\n  - dropout: {x: 3}\n", NULL,
     "job.yaml:4: model[0].dropout: unknown key 'x' (expected rate)"},
    {LEAST MODEL "dataset: {colour: 1}\n", NULL,
     "job.yaml:4: dataset: unknown key 'colour' (expected one of: name, file, validation)"},
    {LEAST "model: [flatten: {x: 3}]\n", NULL,
     "job.yaml:3: model[0].flatten: unknown key 'x' (expected none)"},
    {LEAST "model: [flatten: 3]\n", NULL,
     "job.yaml:3: model[0].flatten: found '3' (expected no arguments)"},
    {MODEL "train: {epochs: 3}\n", NULL, "job.yaml:1: needs 'name' (name of the results)"},
    {"name: a\n" MODEL, NULL, "job.yaml:1: train: needs 'epochs' (passes over the data)"},
    {LEAST "model: [dense]\n", NULL,
     "job.yaml:3: model[0].dense: needs 'units' (number of outputs)"},
    {LEAST "model:\n  - dense:\n", NULL,
     "job.yaml:4: model[0].dense: needs 'units' (number of outputs)"},

    /* Components */
    {LEAST "model: [dense: {units: 1, activation: rleu}]\n", NULL,
     "job.yaml:3: model[0].dense.activation: unknown activation 'rleu' (did you mean 'relu'?)"},
    {LEAST "model:\n- convolve: {units: 1}\n", NULL,
     "job.yaml:4: model[0]: unknown layer 'convolve' (expected one of: dense, dropout, "
     "flatten, sequential)"},
    {LEAST "model:\n- dense:\n    units: 1\n  flatten:\n", NULL,
     "job.yaml:6: model[0]: found both 'dense' and 'flatten' (expected one layer)"},
    {LEAST "model: [{}]\n", NULL,
     "job.yaml:3: model[0]: found an empty mapping (expected the name of a layer)"},
    {LEAST MODEL, "train.optimizer=[sgd]",
     "--set train.optimizer=[sgd]: train.optimizer: found a list (expected the name of an "
     "optimizer)"},
    {LEAST MODEL, "train.optimizer=",
     "--set train.optimizer=: train.optimizer: found null (expected the name of an optimizer)"},
    {LEAST "model: flatten\n", NULL,
     "job.yaml:3: model: found 'flatten' (expected a list of one or more layers)"},
    {LEAST "model: []\n", NULL,
     "job.yaml:3: model: found an empty list (expected a list of one or more layers)"},
    {LEAST MODEL "extras: relu\n", NULL,
     "job.yaml:4: extras: found 'relu' (expected a list of activations)"},
    {LEAST MODEL, "train.optimizer={sgd: {learning_rate: {cosine: {final: 1}}}}",
     "--set train.optimizer={sgd: {learning_rate: {cosine: {final: 1}}}}: "
     "train.optimizer.sgd.learning_rate.cosine: ends above its beginning (expected final <= "
     "initial)"},

    /* Values */
    {"name: a\n" MODEL "train: {epochs: x}\n", NULL,
     "job.yaml:3: train.epochs: found 'x' (expected an integer from 1 to 1000000)"},
    {"name: a\n" MODEL "train: {epochs: 3.0}\n", NULL,
     "job.yaml:3: train.epochs: found '3.0' (expected an integer from 1 to 1000000)"},
    {"name: a\n" MODEL "train: {epochs: 1e3}\n", NULL,
     "job.yaml:3: train.epochs: found '1e3' (expected an integer from 1 to 1000000)"},
    {"name: a\n" MODEL "train: {epochs: \"3\"}\n", NULL,
     "job.yaml:3: train.epochs: found '3' (expected an integer from 1 to 1000000)"},
    {"name: a\n" MODEL "train: {epochs: ~}\n", NULL,
     "job.yaml:3: train.epochs: found null (expected an integer from 1 to 1000000)"},
    {"name: a\n" MODEL "train: {epochs: 0}\n", NULL,
     "job.yaml:3: train.epochs: 0 is too small (expected an integer from 1 to 1000000)"},
    {LEAST MODEL, "train.epochs=2000000",
     "--set train.epochs=2000000: train.epochs: 2000000 is too large (expected an integer from "
     "1 to 1000000)"},
    {LEAST MODEL, "train.seed=99999999999999999999",
     "--set train.seed=99999999999999999999: train.seed: found '99999999999999999999' (expected an "
     "integer)"},
    {LEAST "model:\n- flatten\n- dropout:\n    rate: 1.5\n", NULL,
     "job.yaml:6: model[1].dropout.rate: 1.5 is too large (expected a number from 0 up to but not "
     "including 1)"},
    {LEAST "model: [dropout: 1]\n", NULL,
     "job.yaml:3: model[0].dropout.rate: 1 is too large (expected a number from 0 up to but not "
     "including 1)"},
    {LEAST MODEL, "train.clip=0",
     "--set train.clip=0: train.clip: 0 is too small (expected a number above 0 and up to 10)"},
    {LEAST MODEL, "train.early_stopping=0",
     "--set train.early_stopping=0: train.early_stopping.patience: 0 is too small (expected an "
     "integer "
     "of at least 1)"},
    {LEAST MODEL, "train.optimizer={sgd: -1}",
     "--set train.optimizer={sgd: -1}: train.optimizer.sgd.learning_rate.constant.value: -1 is too "
     "small (expected a number above 0)"},
    {LEAST MODEL, "train.optimizer={adam: {betas: [0.5, 1]}}",
     "--set train.optimizer={adam: {betas: [0.5, 1]}}: train.optimizer.adam.betas[1]: 1 is too "
     "large (expected a number above 0 and below 1)"},
    {LEAST MODEL, "train.optimizer={adam: {betas: 1}}",
     "--set train.optimizer={adam: {betas: 1}}: train.optimizer.adam.betas: 1 is too large "
     "(expected a number above 0 and below 1)"},
    {LEAST MODEL, "train.optimizer={adam: {betas: relu}}",
     "--set train.optimizer={adam: {betas: relu}}: train.optimizer.adam.betas: found 'relu' "
     "(expected a list of numbers)"},
    {LEAST MODEL, "train.optimizer={adam: {betas: [0.5, null]}}",
     "--set train.optimizer={adam: {betas: [0.5, null]}}: train.optimizer.adam.betas[1]: found "
     "null (expected a number above 0 and below 1)"},
    {LEAST MODEL "marks: [1, x]\n", NULL, "job.yaml:4: marks[1]: found 'x' (expected a number)"},
    {LEAST MODEL "reference: .inf\n", NULL,
     "job.yaml:4: reference: found '.inf' (expected a number)"},
    {LEAST MODEL "reference: 1e999\n", NULL,
     "job.yaml:4: reference: found '1e999' (expected a number)"},
    {LEAST MODEL, "train.optimizer={sgd: {nesterov: yes}}",
     "--set train.optimizer={sgd: {nesterov: yes}}: train.optimizer.sgd.nesterov: found 'yes' "
     "(expected true or false)"},
    {LEAST MODEL "title: [a]\n", NULL, "job.yaml:4: title: found a list (expected a text)"},
    {LEAST MODEL "dataset: {name: null}\n", NULL,
     "job.yaml:4: dataset.name: found null (expected a text)"},
    {LEAST MODEL "dataset: {validation: tset}\n", NULL,
     "job.yaml:4: dataset.validation: unknown word 'tset' (did you mean 'test'?)"},
    {LEAST MODEL "dataset: {validation: 0.1}\n", NULL,
     "job.yaml:4: dataset.validation: unknown word '0.1' (expected one of: test, folds)"},
    {LEAST MODEL "dataset: {validation: [test]}\n", NULL,
     "job.yaml:4: dataset.validation: found a list (expected one of: test, folds)"},
    {LEAST MODEL "dataset: {name: [\"a\\nb\"], validation: \"a\\nb\"}\n", "dataset.name=b",
     "job.yaml:4: dataset.validation: unknown word 'a\\nb' (expected one of: test, folds)"},

    /* Overrides */
    {LEAST MODEL, "train.epochs", "--set train.epochs: has no '=' (expected key.path=value)"},
    {LEAST MODEL, "=3", "--set =3: has no path (expected key.path=value)"},
    {LEAST MODEL, "train..epochs=3",
     "--set train..epochs=3: not a path at '.epochs' (expected such as train.epochs=3)"},
    {LEAST MODEL, "model[x]=3",
     "--set model[x]=3: not a path at '[x]' (expected such as train.epochs=3)"},
    {LEAST MODEL, "train.=3",
     "--set train.=3: not a path at 'train.' (expected such as "
     "train.epochs=3)"},
    {LEAST MODEL, "a b=3", "--set a b=3: not a path at 'a b' (expected such as train.epochs=3)"},
    {LEAST MODEL, "model[1]=flatten",
     "--set model[1]=flatten: model: has no item 1 (expected an index below 1)"},
    {LEAST MODEL, "model.dense=flatten",
     "--set model.dense=flatten: model: found a list (expected an index such as [0] here)"},
    {LEAST MODEL, "train[0]=1", "--set train[0]=1: train: found a mapping (expected a list)"},
    {LEAST MODEL, "train.epochs.x=1",
     "--set train.epochs.x=1: train.epochs: found '3' (expected a mapping or a list)"},
    {LEAST MODEL, "train.seed=[1",
     "--set train.seed=[1: not valid YAML: did not find expected ',' or ']' while parsing a flow "
     "sequence"},
    {LEAST MODEL, "train.epoch=3",
     "--set train.epoch=3: train: unknown key 'epoch' (did you mean 'epochs'?)"},
    {LEAST MODEL,
     "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
     "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1",
     "--set a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a."
     "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a=1: the path is too long (expected at most "
     "64 "
     "keys)"},

    /* Variables */
    {LEAST "model: [dropout: $rat]\nsweep: {rate: [0, 0.5]}\n", NULL,
     "job.yaml:3: model[0].dropout: unknown sweep variable 'rat' (did you mean 'rate'?)"},
    {LEAST "model: [dropout: $rate]\n", NULL,
     "job.yaml:3: model[0].dropout: unknown sweep variable 'rate' (expected none)"},
    {LEAST MODEL "sweep:\n  rate: [0, 0.5]\n", NULL,
     "job.yaml:5: sweep.rate: nothing uses $rate (expected it in the place of a value)"},
    {LEAST MODEL "sweep: {replicats: 3}\n", NULL,
     "job.yaml:4: sweep.replicats: nothing uses $replicats (did you mean 'replicates'?)"},
    {LEAST "model: [$layer: 3]\nsweep: {layer: [dropout]}\n", NULL,
     "job.yaml:3: model[0]: a variable can't stand for a key, as '$layer' does"},
    {LEAST MODEL "reference: $a\nsweep: {a: [1, {b: [$c]}], b: 2}\n", NULL,
     "job.yaml:5: sweep.a[1].b[0]: unknown sweep variable 'c' (did you mean 'a'?)"},
    {LEAST MODEL "reference: $a\nsweep:\n  a:\n    x: 1\n    y: $bcd\n  efg: 2\n", NULL,
     "job.yaml:8: sweep.a.y: unknown sweep variable 'bcd' (expected one of: a, efg)"},
    {LEAST MODEL "reference: $a\nsweep: {a: [1, $b], b: [$c], c: 2 * $a}\n", NULL,
     "job.yaml:5: sweep.c: $a is part of its own value"},
    {LEAST MODEL "reference: $a\nsweep: {a: [$a]}\n", NULL,
     "job.yaml:5: sweep.a[0]: $a is part of its own value"},
    {LEAST MODEL "sweep: {a: [$b], b: [1]}\n", NULL,
     "job.yaml:4: sweep.a: nothing uses $a (expected it in the place of a value)"},
    {LEAST MODEL "title: $a\nsweep:\n"
                 "  a: [[$b, $b, $b, $b, $b, $b, $b, $b, $b, $b]]\n"
                 "  b: [[$c, $c, $c, $c, $c, $c, $c, $c, $c, $c]]\n"
                 "  c: [[$d, $d, $d, $d, $d, $d, $d, $d, $d, $d]]\n"
                 "  d: [[$e, $e, $e, $e, $e, $e, $e, $e, $e, $e]]\n"
                 "  e: [[1, 2, 3, 4, 5, 6, 7, 8, 9, 0]]\n",
     NULL,
     "job.yaml:6: sweep.a[0][8]: grows too large with its variables replaced (expected at most "
     "100000 values, nested in at most 64 levels)"},
    {LEAST "model:\n  - dense: $a\nsweep:\n  a: {x: 3, y: {units: 4, actvation: relu}}\n", NULL,
     "job.yaml:6: model[0].dense: unknown key 'actvation' (did you mean 'activation'?)"},
    {LEAST MODEL "reference: $a\nsweep: {a: {}}\n", NULL,
     "job.yaml:5: sweep.a: found an empty mapping (expected at least one value)"},
    {LEAST MODEL "reference: $a\nsweep: {a: {x: 1, x: 2}}\n", NULL,
     "job.yaml:5: sweep.a: duplicate key 'x' (already given in line 5)"},

    /* Expressions */
    {LEAST MODEL "reference: 2 * $rat\nsweep: {rate: [1]}\n", NULL,
     "job.yaml:4: reference: unknown sweep variable 'rat' (did you mean 'rate'?)"},
    {LEAST MODEL "reference: $a / (2 * $a\nsweep: {a: [1]}\n", NULL,
     "job.yaml:4: reference: '$a / (2 * $a': found its end (expected ')')"},
    {LEAST MODEL "reference: $a + * 3\nsweep: {a: [1]}\n", NULL,
     "job.yaml:4: reference: '$a + * 3': found '* 3' (expected a number, a variable or '(')"},
    {LEAST MODEL "reference: ($a) 3\nsweep: {a: [1]}\n", NULL,
     "job.yaml:4: reference: '($a) 3': found '3' (expected an operator)"},
    {LEAST MODEL "reference: 1 / $a\nsweep: {a: [1, 0]}\n", NULL,
     "job.yaml:4: reference: '1 / $a' is infinite in some trial (expected a finite number)"},
    {LEAST MODEL "reference: $a / $a\nsweep: {a: [1, 0]}\n", NULL,
     "job.yaml:4: reference: '$a / $a' is no number in some trial (expected a finite number)"},
    {LEAST MODEL "reference: 2 * $a\nsweep: {a: [1, x]}\n", NULL,
     "job.yaml:4: reference: '2 * $a': $a is not a number in some trial"},
    {LEAST MODEL "reference: 2 * $a\nsweep: {a: [[1], [2]]}\n", NULL,
     "job.yaml:4: reference: '2 * $a': $a is not a number in some trial"},
    {LEAST "model:\n- dense:\n    units: $a / 2\nsweep: {a: [4, 5]}\n", NULL,
     "job.yaml:5: model[0].dense.units: found '2.5' (expected an integer from 1 to "
     "2147483647)"},
    {LEAST MODEL "reference: $a $a\nsweep: {a: [1]}\n", NULL,
     "job.yaml:4: reference: unknown sweep variable 'a $a' (expected a)"},
    {LEAST MODEL "reference: " OPEN OPEN OPEN OPEN "$a\nsweep: {a: [1]}\n", NULL,
     "job.yaml:4: reference: '" OPEN OPEN OPEN OPEN "$a': found '(((((((((((((((("
     "$a' (expected less nesting)"},

    /* Named sections */
    {LEAST MODEL "heads: {}\n", NULL,
     "job.yaml:4: heads: found an empty mapping (expected a mapping of one or more names to a head "
     "each)"},
    {LEAST MODEL "heads: [relu]\n", NULL,
     "job.yaml:4: heads: found a list (expected a mapping of one or more names to a head each)"},
    {LEAST MODEL "heads:\n  a: relu\n  b: relu\n  a: linear\n", NULL,
     "job.yaml:7: heads: duplicate key 'a' (already given in line 5)"},
    {LEAST MODEL "heads:\n  a:\n", NULL, "job.yaml:5: heads.a: needs 'activation' (its end)"},
    {LEAST MODEL "heads:\n  a: relu\n  b: {activtion: relu}\n", NULL,
     "job.yaml:6: heads.b: unknown key 'activtion' (did you mean 'activation'?)"},
    {LEAST MODEL "claims: {value: 1}\n", NULL,
     "job.yaml:4: claims: found a mapping (expected a list of one or more claims)"},
    {LEAST MODEL "claims: []\n", NULL,
     "job.yaml:4: claims: found an empty list (expected a list of one or more claims)"},
    {LEAST MODEL "claims:\n  - 1\n  - {valeu: 1}\n", NULL,
     "job.yaml:6: claims[1]: unknown key 'valeu' (did you mean 'value'?)"},
    {LEAST MODEL "claims:\n  - {value: 1, shares: odd}\n", NULL,
     "job.yaml:5: claims[0].shares: found 'odd' (expected a mapping of names to numbers, or even)"},
    {LEAST MODEL "claims:\n  - {value: 1, shares: {}}\n", NULL,
     "job.yaml:5: claims[0].shares: found an empty mapping (expected a mapping of names to "
     "numbers, or even)"},
    {LEAST MODEL "claims:\n  - {value: 1, shares: {a: 1, b: 10}}\n", NULL,
     "job.yaml:5: claims[0].shares.b: 10 is too large (expected a number from 0 to 9)"},
    {LEAST MODEL "claims:\n  - {value: 1, shares: {a: x}}\n", NULL,
     "job.yaml:5: claims[0].shares.a: found 'x' (expected a number from 0 to 9)"},
    {LEAST MODEL "claims:\n  - {value: 1, at: 3}\n", NULL,
     "job.yaml:5: claims[0].at: found '3' (expected a mapping of variables of the sweep to "
     "values)"},
    {LEAST MODEL "claims:\n  - {value: 1, at: [{a: 1}]}\n", NULL,
     "job.yaml:5: claims[0].at: found a list (expected a mapping of variables of the sweep to "
     "values)"},
    {LEAST MODEL "claims:\n  - {value: 1, order: [{a: 1}, 7]}\n", NULL,
     "job.yaml:5: claims[0].order[1]: found '7' (expected a mapping of variables of the sweep to "
     "values)"},
    {LEAST MODEL "claims:\n  - {value: 1, order: []}\n", NULL,
     "job.yaml:5: claims[0].order: found an empty list (expected a list of mappings of variables "
     "to "
     "values)"},
    {LEAST MODEL "claims:\n  - {value: 1, at: {a: null}}\n", NULL,
     "job.yaml:5: claims[0].at.a: found null (expected a value, or the label of one)"},
    {LEAST MODEL "heads: {a/b: relu}\n", NULL,
     "job.yaml:4: heads.a/b: 'a/b' can't name a head (expected up to 63 letters, digits and "
     "underscores, with no digit first)"},
    {LEAST MODEL "heads: {hour: {activation: relu}}\n", "heads.hour.loss_weight=20",
     "--set heads.hour.loss_weight=20: heads.hour.loss_weight: 20 is too large (expected a number "
     "from 0 to 10)"},

    /* Lists of sections, and of texts */
    {LEAST MODEL "notes: []\n", NULL,
     "job.yaml:4: notes: found an empty list (expected a list of one or more notes)"},
    {LEAST MODEL "notes: {about: a}\n", NULL,
     "job.yaml:4: notes: found a mapping (expected a list of one or more notes)"},
    {LEAST MODEL "notes:\n- about: a\n- {abut: b}\n", NULL,
     "job.yaml:6: notes[1]: unknown key 'abut' (did you mean 'about'?)"},
    {LEAST MODEL "notes:\n- about: [a, {}]\n", NULL,
     "job.yaml:5: notes[0].about[1]: found an empty mapping (expected a text)"},
    {LEAST MODEL "notes: [about: []]\n", NULL,
     "job.yaml:4: notes[0].about: found an empty list (expected one or more texts)"},
    {LEAST MODEL "notes: [about: [a, null]]\n", NULL,
     "job.yaml:4: notes[0].about[1]: found null (expected a text)"},

    {LEAST "model: [dropout: $rate]\nsweep:\n  rate:\n    - 0.5\n    - 1.5\n", NULL,
     "job.yaml:7: model[0].dropout.rate: 1.5 is too large (expected a number from 0 up to but not "
     "including 1)"},
    {LEAST "model: [dropout: $rate]\n", "sweep.rate=[0.1, x]",
     "--set sweep.rate=[0.1, x]: model[0].dropout.rate: found 'x' (expected a number from 0 up to "
     "but not including 1)"},
    {LEAST "model: [$layer]\nsweep:\n  layer:\n  - flatten\n  - dens: 3\n", NULL,
     "job.yaml:7: model[0]: unknown layer 'dens' (did you mean 'dense'?)"},

    /* The sweep */
    {LEAST MODEL "sweep: [1]\n", NULL,
     "job.yaml:4: sweep: found a list (expected a mapping of variables to their values)"},
    {LEAST MODEL "sweep: {2x: [1]}\n", NULL,
     "job.yaml:4: sweep.2x: '2x' can't name a variable (expected up to 63 letters, digits and "
     "underscores, with no digit first)"},
    {LEAST MODEL "sweep: {learning_rate: [1]}\n", NULL,
     "job.yaml:4: sweep.learning_rate: the results have a 'learning_rate' of their own (expected "
     "another name, such as 'lr')"},
    {LEAST MODEL "sweep: {val_x: [1]}\n", NULL,
     "job.yaml:4: sweep.val_x: the results have a 'val_x' of their own (expected another name, "
     "such "
     "as 'my_val_x')"},
    {LEAST MODEL "sweep: {a: []}\n", NULL,
     "job.yaml:4: sweep.a: found an empty list (expected at least one value)"},
    {LEAST MODEL "sweep: {a: }\n", NULL,
     "job.yaml:4: sweep.a: found null (expected a list of values or a range)"},
    {LEAST MODEL "sweep: {a: [1, 2, 1.0]}\n", NULL,
     "job.yaml:4: sweep.a[2]: 1.0 is the same as item 0"},
    {LEAST MODEL "sweep: {a: [x, {y: 1}, {y: 1}]}\n", NULL,
     "job.yaml:4: sweep.a[2]: {y: 1} is the same as item 1"},
    {LEAST MODEL "sweep: {replicates: 0}\n", NULL,
     "job.yaml:4: sweep.replicates: 0 is too small (expected an integer from 1 to 1000000)"},
    {LEAST MODEL "sweep: {folds: 1}\n", NULL,
     "job.yaml:4: sweep.folds: 1 is too small (expected an integer from 2 to 1000000)"},
    {LEAST MODEL "sweep: {ranks_per_trial: all}\n", NULL,
     "job.yaml:4: sweep.ranks_per_trial: found 'all' (expected an integer from 1 to 1000000, "
     "or "
     "auto)"},
    {LEAST MODEL "sweep: {replicates: 1001, folds: 1000}\n", NULL,
     "job.yaml:4: sweep: has too many trials (expected at most 1000000)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], cuont: 3}}\n", NULL,
     "job.yaml:4: sweep.a: unknown key 'cuont' (did you mean 'count'?)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], log_range: [1, 2], count: 3}}\n", NULL,
     "job.yaml:4: sweep.a: found both 'range' and 'log_range' (expected one of them)"},
    {LEAST MODEL "sweep: {a: {count: 3}}\n", NULL,
     "job.yaml:4: sweep.a: needs 'range' or 'log_range'"},
    {LEAST MODEL "sweep: {a: {range: [0, 1]}}\n", NULL,
     "job.yaml:4: sweep.a: needs 'count' or 'step'"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], count: 2, step: 1}}\n", NULL,
     "job.yaml:4: sweep.a: found both 'count' and 'step' (expected one of them)"},
    {LEAST MODEL "sweep: {a: {log_range: [1, 2]}}\n", NULL,
     "job.yaml:4: sweep.a: needs 'count' or 'step'"},
    {LEAST MODEL "sweep: {a: {log_range: [1, 2], step: 3}}\n", NULL,
     "job.yaml:4: sweep.a: log_range has no 'step' (expected 'count')"},
    {LEAST MODEL "sweep: {a: {range: 3, count: 3}}\n", NULL,
     "job.yaml:4: sweep.a.range: found 1 number (expected 2)"},
    {LEAST MODEL "sweep: {a: {range: [1], count: 3}}\n", NULL,
     "job.yaml:4: sweep.a.range: found 1 number (expected 2)"},
    {LEAST MODEL "sweep: {a: {range: [1, x], count: 3}}\n", NULL,
     "job.yaml:4: sweep.a.range[1]: found 'x' (expected a number)"},
    {LEAST MODEL "sweep: {a: {log_range: [0, 1], count: 3}}\n", NULL,
     "job.yaml:4: sweep.a.log_range[0]: 0 is too small (expected a number above 0)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], count: 0}}\n", NULL,
     "job.yaml:4: sweep.a.count: 0 is too small (expected an integer from 1 to 1000000)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], count: 1}}\n", NULL,
     "job.yaml:4: sweep.a.count: 1 is too small (expected room for both ends)"},
    {LEAST MODEL "sweep: {a: {range: [0, 0], count: 2}}\n", NULL,
     "job.yaml:4: sweep.a: its values can't be told apart (expected fewer)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], step: x}}\n", NULL,
     "job.yaml:4: sweep.a.step: found 'x' (expected a number)"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], step: 0.3}}\n", NULL,
     "job.yaml:4: sweep.a.step: no whole number of steps of 0.3 leads from 0 to 1"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], step: 0}}\n", NULL,
     "job.yaml:4: sweep.a.step: no whole number of steps of 0 leads from 0 to 1"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], step: -1}}\n", NULL,
     "job.yaml:4: sweep.a.step: no whole number of steps of -1 leads from 0 to 1"},
    {LEAST MODEL "sweep: {a: {range: [0, 1], step: 1e-7}}\n", NULL,
     "job.yaml:4: sweep.a.step: 1e-7 is too small (expected at most 1000000 values)"},
};

static void test_messages(void **state) {
  (void)state;
  size_t wrong = 0;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    ls_job *job = NULL;
    ls_error_clear();
    int status =
        ls_job_read(&job, "job.yaml", cases[i].text, &cases[i].set, cases[i].set != NULL, &recipe);
    if (status == LS_INVALID && !job && strcmp(ls_error_message(), cases[i].message) == 0) continue;
    print_error("case %zu:\n  expected: %s\n  got (%d): %s\n", i, cases[i].message, status,
                ls_error_message());
    ls_job_free(&job);
    wrong++;
  }
  assert_int_equal(wrong, 0);
}

static void test_text_too_long(void **state) {
  (void)state;
  size_t length = 5 << 20;
  char *text = malloc(length);
  memset(text, '#', length);
  text[length - 1] = '\0';
  ls_job *job = NULL;
  assert_int_equal(ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe), LS_INVALID);
  assert_string_equal(ls_error_message(),
                      "job.yaml:1: is too long (expected at most 4194304 bytes)");
  free(text);
}

/* Variables made of one another, one after the other. */
static void test_long_chain(void **state) {
  (void)state;
  char text[4096] = "name: a\nmodel: [flatten]\ntrain: {epochs: $v0}\nsweep:\n";
  for (size_t i = 0; i < 100; i++) {
    size_t used = strlen(text);
    snprintf(text + used, sizeof text - used, "  v%zu: $v%zu\n", i, i + 1);
  }
  strcat(text, "  v100: 10\n");
  ls_job *job = NULL;
  assert_int_equal(ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe), LS_INVALID);
  assert_non_null(strstr(ls_error_message(), "grows too large with its variables replaced"));
}

/* What the example has not: values with names, made of others; arithmetic; named sections. */
static const char second[] =
    "name: a\n"
    "train: {epochs: 3, optimizer: {sgd: 0.1 / ($b * -2 + 90)}}\n"
    "model: [sequential: $net, dropout: $b / 64]\n"
    "heads: {x: relu, y: {activation: $act}}\n"
    "marks: [1, null]\n"
    "notes: [a, {about: [b, c], weight: 2}]\n"
    "sweep:\n"
    "  net: {one: [dense: {units: $b, activation: $act}], two: [flatten]}\n"
    "  act: {r: relu, l: linear}\n"
    "  b: [16, 32]\n";

/* A job cut off anywhere, or with any one byte changed, is read or refused, and nothing worse. */
static void damage(const char *whole) {
  static const char damages[] = "\n\t \"'{}[]:,-*&$#!|>%@0a\x01\x80\xff";
  char text[sizeof example + sizeof second];
  size_t size = strlen(whole) + 1;
  ls_job *job = NULL;
  for (size_t cut = 0; cut < size; cut++) {
    snprintf(text, cut + 1, "%s", whole);
    ls_error_clear();
    int status = ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe);
    assert_true(status == LS_OK || (status == LS_INVALID && *ls_error_message()));
    ls_job_free(&job);
    memcpy(text, whole, size);
    for (size_t d = 0; cut + 1 < size && d < sizeof damages - 1; d++) {
      text[cut] = damages[d];
      status = ls_job_read(&job, "job.yaml", text, NULL, 0, &recipe);
      assert_true(status == LS_OK || status == LS_INVALID);
      assert_null(strchr(ls_error_message(), '\n'));
      ls_job_free(&job);
    }
  }
}

static void test_damaged_jobs(void **state) {
  (void)state;
  damage(example);
  ls_job *job = read_job(second, NULL, 0);
  ls_job_free(&job);
  damage(second);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_messages),
      cmocka_unit_test(test_text_too_long),
      cmocka_unit_test(test_long_chain),
      cmocka_unit_test(test_damaged_jobs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
