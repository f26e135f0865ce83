daicho_fuzz(account_files SOURCES ${CMAKE_CURRENT_LIST_DIR}/../account_files_fuzz.cc DEPS daicho_sources)
