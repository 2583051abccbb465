// Copyright 2026 The Ringway Authors
// Use of this source code is governed by a BSD-style license that can be
// found in the LICENSE file.

// IpczGetAPI() stays visible to other modules in code compiled with hidden visibility, as this file
// is. The test supplies a definition of its own: what counts is the declaration in the header.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <ipcz/ipcz.h>

// How programs written for other copies of the header, which do not declare it, do so themselves.
extern "C" IpczResult IPCZ_API IpczGetAPI(IpczAPI* api);

extern "C" IpczResult IPCZ_API IpczGetAPI(IpczAPI*) { return IPCZ_RESULT_DATA_LOSS; }
extern "C" IpczResult RwAbiHiddenFunction() { return IPCZ_RESULT_OK; }

namespace ringway {
namespace {

TEST(IpczExportTest, GetApiIsVisibleThoughTheCodeIsCompiledHidden) {
  void* const found = dlsym(RTLD_DEFAULT, "IpczGetAPI");
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(reinterpret_cast<IpczGetAPIFn>(found)(nullptr), IPCZ_RESULT_DATA_LOSS);
}

TEST(IpczExportTest, OtherFunctionsStayHidden) {
  EXPECT_EQ(RwAbiHiddenFunction(), IPCZ_RESULT_OK);
  EXPECT_EQ(dlsym(RTLD_DEFAULT, "RwAbiHiddenFunction"), nullptr);
}

}  // namespace
}  // namespace ringway
